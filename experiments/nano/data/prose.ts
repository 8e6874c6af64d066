import { readFileSync } from "node:fs";

import { splitOf, type Split } from "./split.ts";
import type { Synset, WordNet } from "./wordNet.ts";

/** A text to be read from its beginning to its end. */
export interface Prose {
  readonly source: string;
  readonly split: Split;
  readonly text: string;
}

/** Speeches are cut where a sentence ends, about this far from each other. */
const partLength = 3000;

/** Addresses of the presidents of the United States since 1977: NOTICE says where from. */
export function speeches(): Prose[] {
  const text = readFileSync(new URL("./speeches.txt", import.meta.url), "utf8");
  return text
    .split(/^# /m)
    .filter(Boolean)
    .flatMap((speech) => {
      const [title, body] = cutAt(speech, speech.indexOf("\n"));
      return parts(tidy(body)).map((part, i) => ({
        source: "speeches",
        split: splitOf(`speech/${title}/${i}`),
        text: part,
      }));
    });
}

/** Signs of typewriters, without stage directions. */
function tidy(text: string): string {
  return text
    .replaceAll(/\s*[[(](laughter|applause)[.!]?[\])]\s*/gi, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll("’", "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/\s*—\s*/g, " - ")
    .replaceAll("--", " - ")
    .trim();
}

function parts(text: string): string[] {
  const made: string[] = [];
  let rest = text;
  while (rest.length > partLength * 1.5) {
    const end = rest.indexOf(". ", partLength);
    if (end === -1) break;
    const [part, after] = cutAt(rest, end + 1);
    made.push(part);
    rest = after;
  }
  return [...made, rest];
}

function cutAt(text: string, at: number): [string, string] {
  return [text.slice(0, at), text.slice(at).trim()];
}

/** Every meaning of WordNet with its examples, as a dictionary would print it. */
export function dictionary({ synsets }: WordNet): Prose[] {
  return [...synsets.values()].map((synset) => ({
    source: "dictionary",
    split: splitOf(`synset/${synset.id}`),
    text: entry(synset),
  }));
}

function entry({ words, gloss, examples }: Synset): string {
  const lines = [`${words.slice(0, 3).join(", ")}: ${gloss}.`, ...examples];
  return lines.join("\n");
}
