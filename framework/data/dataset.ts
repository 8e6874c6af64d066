import type { HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";
import type { Transform } from "./transforms/transform.ts";

/** One example: a batch's entries without the batch axis. A scalar has shape `[]`. */
export type Example = HostBatch;

/** Examples by index. `Item` is something else than `Example` before the last transform. */
export interface Dataset<Item = Example> {
  readonly length: number;
  /**
   * @param random keyed by the loader's seed and the visit, so that the same place of the same
   *   epoch draws the same numbers however often it is asked for
   */
  get(index: number, random: RandomStream): Item | Promise<Item>;
}

/** A dataset whose items go through a transform each time they are asked for. */
export function mapDataset<From, To>(
  dataset: Dataset<From>,
  transform: Transform<From, To>,
): Dataset<To> {
  return {
    length: dataset.length,
    get: async (index, random) => transform(await dataset.get(index, random), random),
  };
}
