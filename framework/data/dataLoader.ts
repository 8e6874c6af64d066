import type { HostBatch } from "../base/hostTensor.ts";

/** Which of the processes that share a loader this one is. */
export interface Shard {
  /** In [0, worldSize). */
  readonly rank: number;
  readonly worldSize: number;
}

/**
 * Batches by position. Position alone decides the content, so resuming needs only the epoch and
 * the index, and batches may be fetched ahead or twice.
 */
export interface DataLoader {
  /**
   * Batches in one epoch. Of a loader with `has`: Infinity until an epoch's end has been seen,
   * then the batches of that epoch; decide nothing by it that a resumed run must decide alike.
   */
  readonly length: number;
  batch(epoch: number, index: number): Promise<HostBatch>;
  /**
   * Whether an epoch has a batch at an index. Only loaders have it that cannot know their length
   * beforehand; it is free for the batch that is asked for next.
   */
  has?(epoch: number, index: number): Promise<boolean>;
  /**
   * One process's share for training: of all processes' batches at one position together, example k
   * is in that of rank `k % worldSize`. All shares have equally many examples, none is in two; what
   * cannot be shared evenly is left out. The loader itself is not used any more, but for `dispose`,
   * which also ends the share.
   */
  shard?(shard: Shard): DataLoader | Promise<DataLoader>;
  /** Ends what the loader holds open, such as threads. Called by whoever made the loader. */
  dispose?(): Promise<void>;
}

/** Whether an epoch has a batch at an index, of any loader. */
export async function hasBatch(loader: DataLoader, epoch: number, index: number): Promise<boolean> {
  return loader.has ? loader.has(epoch, index) : index < loader.length;
}

/** How many batches some examples make. */
export function batchCount(examples: number, batchSize: number, dropLast: boolean): number {
  checkBatchSize(batchSize);
  const count = dropLast ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);
  if (count >= 1) return count;
  throw new RangeError(
    `Cannot load batches: expected at least ${dropLast ? batchSize : 1} examples for one batch, got ${examples}`,
  );
}

export function checkBatchSize(batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new RangeError(`Cannot load batches: batchSize must be an integer >= 1, got ${batchSize}`);
}

/** @param length batches in an epoch */
export function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(`Cannot load a batch: expected an index in [0, ${length}), got ${index}`);
}

/** The error of asking for a batch past the end. */
export function missingBatch(epoch: number, index: number, length: number): RangeError {
  return new RangeError(
    `Cannot load batch ${index} of epoch ${epoch}: the epoch has ${length} batches; ask hasBatch() first`,
  );
}
