import { assistantMask, type TokenDocument, tokenDocuments, type TokenDocuments } from "seedbed";

import { endOfText, endOfTurn, startOfTurn } from "./chat.ts";
import type { Texts } from "./gatherTexts.ts";
import type { SourceCount } from "./sourceCount.ts";
import { bySplit, splits, type Split } from "./split.ts";

export interface EncodedSets {
  readonly prose: Readonly<Record<Split, TokenDocuments>>;
  readonly chat: Readonly<Record<Split, TokenDocuments>>;
}

type Encode = (text: string) => number[];

/** What is encoded of one source. */
interface Encoded {
  readonly set: "prose" | "chat";
  readonly split: Split;
  readonly source: string;
  readonly document: Required<TokenDocument>;
}

/** The sources of a set's split, in the order in which its documents are. */
export function countsOf(
  counts: readonly SourceCount[],
  set: "prose" | "chat",
  split: Split,
): SourceCount[] {
  return counts.filter((each) => each.set === set && each.split === split);
}

/**
 * Texts as ids, source by source. Prose ends with the token for that, and all of it is learnt.
 */
export function encodeSets(
  { prose, chat }: Pick<Texts, "prose" | "chat">,
  encode: Encode,
): { sets: EncodedSets; counts: SourceCount[] } {
  const marks = { start: encode(`${startOfTurn}assistant\n`), end: encode(endOfTurn)[0]! };
  const encoded: Encoded[] = [
    ...prose.map(({ source, split, text }): Encoded => {
      const ids = encode(text + endOfText);
      return {
        set: "prose",
        split,
        source,
        document: { ids, learnt: new Uint8Array(ids.length).fill(1) },
      };
    }),
    ...chat.map(({ source, split, text }): Encoded => {
      const ids = encode(text);
      return { set: "chat", split, source, document: { ids, learnt: assistantMask(ids, marks) } };
    }),
  ];
  const counts = splits.flatMap((split) =>
    countSources(encoded.filter((each) => each.split === split)),
  );
  const join = (set: "prose" | "chat") => (split: Split) =>
    tokenDocuments(
      countsOf(counts, set, split).flatMap(({ source }) =>
        encoded
          .filter((each) => each.split === split && each.source === source)
          .map(({ document }) => document),
      ),
    );
  return { sets: { prose: bySplit(join("prose")), chat: bySplit(join("chat")) }, counts };
}

function countSources(encoded: readonly Encoded[]): SourceCount[] {
  const counts = new Map<string, SourceCount>();
  for (const { set, split, source, document } of encoded) {
    const { documents, tokens, learnt } = counts.get(source) ?? {
      documents: 0,
      tokens: 0,
      learnt: 0,
    };
    let added = 0;
    for (let i = 0; i < document.learnt.length; i++) added += document.learnt[i]!;
    counts.set(source, {
      set,
      split,
      source,
      documents: documents + 1,
      tokens: tokens + document.ids.length,
      learnt: learnt + added,
    });
  }
  return [...counts.values()];
}
