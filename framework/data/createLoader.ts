import type { HostBatch } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import { batchCount, checkIndex, type DataLoader } from "./dataLoader.ts";
import type { Dataset, Example } from "./dataset.ts";
import { distributedOrder } from "./distributedOrder.ts";
import { sequentialOrder, visitNumber, type EpochOrder } from "./epochOrder.ts";
import { stackExamples } from "./stackExamples.ts";

/** Makes one batch of examples. */
export type Collate = (examples: readonly Example[]) => HostBatch | Promise<HostBatch>;

export interface LoaderOptions {
  dataset: Dataset;
  /** Which examples an epoch visits; by default all, in the dataset's order. */
  order?: EpochOrder;
  batchSize: number;
  /** Seeds what the dataset draws; the order has a seed of its own. */
  seed: number;
  /** By default the examples are stacked and must be alike; `padCollate` takes ragged ones. */
  collate?: Collate;
  /**
   * Leaves out a last batch that is not full, so that all have one shape; on by default. Without
   * it the last batch is shorter.
   */
  dropLast?: boolean;
}

/** Batches of a dataset's examples. */
export function createLoader(options: LoaderOptions): DataLoader {
  const { dataset, batchSize, seed, collate = stackExamples, dropLast = true } = options;
  const order = options.order ?? sequentialOrder(dataset.length);
  const length = batchCount(order.length, batchSize, dropLast);
  return {
    length,
    shard: (shard) =>
      createLoader({ ...options, order: distributedOrder(order, { ...shard, dropLast: true }) }),
    async batch(epoch, index) {
      checkIndex(index, length);
      const indices = order.indices(epoch);
      const start = index * batchSize;
      const examples: Example[] = [];
      for (let visit = start; visit < Math.min(start + batchSize, indices.length); visit++) {
        checkExample(indices[visit]!, dataset.length);
        const random = new RandomStream(seed, "examples", visitNumber(order, epoch, visit));
        examples.push(await dataset.get(indices[visit]!, random));
      }
      return collate(examples);
    },
  };
}

/** A loader over examples that are in memory already. */
export function arrayLoader(
  examples: readonly Example[],
  options: Omit<LoaderOptions, "dataset" | "seed">,
): DataLoader {
  const dataset = { length: examples.length, get: (index: number) => examples[index]! };
  return createLoader({ ...options, seed: 0, dataset });
}

function checkExample(index: number, length: number): void {
  if (index < length) return;
  throw new RangeError(
    `Cannot load example ${index}: the dataset has ${length}; make the order for this dataset`,
  );
}
