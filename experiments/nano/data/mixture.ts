import { documentAt, InputError, RandomStream, tokenDocuments, type TokenDocuments } from "seedbed";

import type { NanoData, NanoManifest } from "./buildNanoData.ts";
import { countsOf } from "./encodeSets.ts";
import type { SourceCount } from "./sourceCount.ts";

/** Sources of training texts. */
export const mixedSources: readonly string[] = [
  ...["speeches", "dictionary", "words", "kinds", "opposites", "countries", "rules", "tools"],
  ...["invented", "echoes"],
];

/**
 * How often a pass over the data has each document of a source; 1 where a source is not named. One that
 * the data were built without is not there, however often it is asked for.
 */
export type Mixture = Readonly<Record<string, number>>;

/**
 * Documents as a mixture has them: all of a source as often as its number's whole part says, and of
 * the rest a share that the seed draws. Sources stay in their order.
 *
 * @param counts of these documents' set and split, in the documents' order
 * @throws {InputError} when the mixture takes no document at all
 */
export function mixDocuments(
  documents: TokenDocuments,
  counts: readonly Pick<SourceCount, "source" | "documents">[],
  mixture: Mixture,
  seed: number,
): TokenDocuments {
  if (Object.keys(mixture).length === 0) return documents;
  const chosen: number[] = [];
  let start = 0;
  for (const { source, documents: count } of counts) {
    const times = mixture[source] ?? 1;
    const whole = Math.floor(times);
    for (let i = 0; i < whole; i++) for (let j = 0; j < count; j++) chosen.push(start + j);
    const order = new RandomStream(seed, `nano/mixture/${source}`).permutation(count);
    const rest = order.subarray(0, Math.round((times - whole) * count)).toSorted();
    for (const j of rest) chosen.push(start + j);
    start += count;
  }
  if (chosen.length > 0) return tokenDocuments(chosen.map((each) => documentAt(documents, each)));
  throw new InputError("Cannot mix the data: expected a source to be taken, got data.mixture of 0");
}

/** Training texts, and how many each source has. */
export type MixedData = Pick<NanoData, "prose" | "chat"> & {
  readonly manifest: Pick<NanoManifest, "counts">;
};

/** A set's training texts as a mixture has them. */
export function mixedTraining(
  data: MixedData,
  set: "prose" | "chat",
  mixture: Mixture,
  seed: number,
): TokenDocuments {
  const counts = countsOf(data.manifest.counts, set, "train");
  return mixDocuments(data[set].train, counts, mixture, seed);
}
