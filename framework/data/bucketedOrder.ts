import { RandomStream } from "../base/random.ts";
import { checkBatchSize } from "./dataLoader.ts";
import { remembered, type EpochOrder } from "./epochOrder.ts";

export interface BucketedOptions {
  /** That of the loader, or of all processes together under `distributedOrder`. */
  batchSize: number;
  seed: number;
  /**
   * Batches' worth of examples that are sorted together. More makes the lengths in a batch more
   * alike, fewer makes the batches of two epochs more different. By default a quarter of the
   * batches, at most 50.
   */
  windowBatches?: number;
}

/**
 * Every example once an epoch, in batches of similar length: shuffles, sorts windows of batches by
 * length, and puts the batches in random order. A last batch that is not full stays last; its
 * examples are drawn from all.
 *
 * Source: the length-grouped sampler of Hugging Face Transformers, with the batches shuffled.
 *
 * @param lengths one per example, such as its number of tokens
 */
export function bucketedOrder(lengths: ArrayLike<number>, options: BucketedOptions): EpochOrder {
  const { batchSize, seed } = options;
  checkBatchSize(batchSize);
  const batches = Math.floor(lengths.length / batchSize);
  const { windowBatches = Math.min(50, Math.max(1, Math.floor(batches / 4))) } = options;
  if (!Number.isInteger(windowBatches) || windowBatches < 1) {
    throw new RangeError(
      `Cannot bucket examples: windowBatches must be an integer >= 1, got ${windowBatches}`,
    );
  }
  return remembered(lengths.length, (epoch) => {
    const random = new RandomStream(seed, "order/bucketed", epoch);
    const shuffled = random.permutation(lengths.length);
    const full = shuffled.subarray(0, batches * batchSize);
    sortWindows(full, windowBatches * batchSize, lengths);
    const places = random.permutation(batches);
    const ordered = shuffled.slice();
    places.forEach((place, i) => {
      const batch = full.subarray(i * batchSize, (i + 1) * batchSize);
      ordered.set(batch, place * batchSize);
    });
    return ordered;
  });
}

/** Sorts each window of indices by length, in place; equal lengths keep their order. */
function sortWindows(indices: Int32Array, window: number, lengths: ArrayLike<number>): void {
  for (let start = 0; start < indices.length; start += window) {
    indices.subarray(start, start + window).sort((a, b) => lengths[a]! - lengths[b]!);
  }
}
