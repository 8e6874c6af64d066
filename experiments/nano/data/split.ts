import { createHash } from "node:crypto";

/** Where an item is used. */
export type Split = "train" | "validation" | "test";

export const splits: readonly Split[] = ["train", "validation", "test"];

export function bySplit<Value>(make: (split: Split) => Value): Record<Split, Value> {
  return { train: make("train"), validation: make("validation"), test: make("test") };
}

/** A text's place in [0, 1), evenly spread and the same in every build. */
export function placeOf(text: string): number {
  return createHash("sha256").update(`nano/${text}`).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * The split of an item, by a hash of what it is about: it is the same whatever else is built and in
 * whatever order. One in twenty is for validation, one in twenty for the test.
 *
 * @param key what items of one split share, such as the word that is asked about
 */
export function splitOf(key: string): Split {
  const place = placeOf(`split/${key}`);
  if (place < 0.05) return "test";
  return place < 0.1 ? "validation" : "train";
}
