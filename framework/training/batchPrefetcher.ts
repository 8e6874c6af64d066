import type { HostBatch } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import { singleProcess, type World } from "../distributed/world.ts";
import { onOwnRows } from "./ownRows.ts";
import type { BaseModule, BatchStage } from "./trainingModule.ts";

/** Where a batch stands: which one of which epoch, and how many were trained on before it. */
export interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
  /** Keys the batch's random numbers. */
  readonly microBatch: number;
}

/** Where batches come from. */
export interface BatchSource {
  readonly module: BaseModule;
  readonly loader: DataLoader;
  /** Index of the loader among several; each has random numbers of its own. */
  readonly loaderIndex: number;
  readonly seed: number;
  /** The workers that have shares of the loader; left out: the loader is not shared. */
  readonly world?: Pick<World, "rank" | "size">;
}

/** Fetches a batch and lets the module add its random numbers. */
export async function makeBatch(
  { module, loader, loaderIndex, seed, world = singleProcess }: BatchSource,
  stage: BatchStage,
  { epoch, index, microBatch }: BatchPosition,
): Promise<HostBatch> {
  const batch = await loader.batch(epoch, index);
  const stream = loaderIndex === 0 ? `batch/${stage}` : `batch/${stage}/${loaderIndex}`;
  const random = new RandomStream(seed, stream, microBatch);
  if (!module.prepareBatch) return batch;
  const shard = { rank: world.rank, worldSize: world.size };
  return onOwnRows(batch, shard, (whole) => module.prepareBatch!(whole, random, stage));
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
