import type { HostBatch } from "../base/hostTensor.ts";

/**
 * Batches by position. Position alone decides the content, so resuming needs only the epoch and
 * the index, and batches may be fetched ahead or twice.
 */
export interface DataLoader {
  /** Batches in one epoch. */
  readonly length: number;
  batch(epoch: number, index: number): Promise<HostBatch>;
}
