import type { HostBatch } from "../base/hostTensor.ts";

/**
 * Batches by position. Position alone decides the content, so resuming needs only the epoch and
 * the index, and batches may be fetched ahead or twice.
 */
export interface DataLoader {
  /** Batches in one epoch; Infinity when only walking them tells. */
  readonly length: number;
  batch(epoch: number, index: number): Promise<HostBatch>;
  /** Whether an epoch has a batch of that index; only loaders of unknown length need it. */
  has?(epoch: number, index: number): Promise<boolean>;
}
