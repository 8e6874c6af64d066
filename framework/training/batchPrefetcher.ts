import type { HostBatch } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { TrainingModule } from "./trainingModule.ts";

/** Where a batch stands: which one of which epoch, and how many were trained on before it. */
export interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
  /** Keys the batch's random numbers. */
  readonly microBatch: number;
}

/** Fetches a batch and lets the module add its random numbers. */
export async function makeBatch(
  module: TrainingModule,
  loader: DataLoader,
  seed: number,
  stage: "train" | "validate",
  { epoch, index, microBatch }: BatchPosition,
): Promise<HostBatch> {
  const batch = await loader.batch(epoch, index);
  const random = new RandomStream(seed, `batch/${stage}`, microBatch);
  return (await module.prepareBatch?.(batch, random, stage)) ?? batch;
}

/** Length of the batch axis. */
export function samplesIn(batch: HostBatch): number {
  const [first] = Object.values(batch);
  return first?.shape[0] ?? 1;
}

/**
 * Prepares one batch ahead. Position alone decides a batch's content, so preparing early changes
 * nothing.
 */
export class BatchPrefetcher {
  readonly #make: (position: BatchPosition) => Promise<HostBatch>;
  #ahead: { key: string; batch: Promise<HostBatch> } | undefined;

  constructor(make: (position: BatchPosition) => Promise<HostBatch>) {
    this.#make = make;
  }

  /** Starts preparing a batch; a failure appears when it is taken. */
  start(position: BatchPosition): void {
    const batch = this.#make(position);
    batch.catch(() => {}); // reported by take()
    this.#ahead = { key: keyOf(position), batch };
  }

  /** The batch of a position, prepared ahead or now. */
  take(position: BatchPosition): Promise<HostBatch> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead?.key === keyOf(position) ? ahead.batch : this.#make(position);
  }

  /** Waits until nothing is being prepared; what was is dropped. */
  async finish(): Promise<void> {
    await this.#ahead?.batch.catch(() => {});
    this.#ahead = undefined;
  }
}

const keyOf = ({ epoch, index, microBatch }: BatchPosition): string =>
  [epoch, index, microBatch].join();
