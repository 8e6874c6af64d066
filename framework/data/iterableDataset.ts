import { RandomStream } from "../base/random.ts";
import type { Shard } from "./dataLoader.ts";
import type { Example } from "./dataset.ts";
import type { Transform } from "./transforms/transform.ts";

/**
 * Examples one after another: a stream, or a file that cannot be read by index. `Item` is
 * something else than `Example` before the last transform.
 */
export interface IterableDataset<Item = Example> {
  /** Examples in every epoch; absent when that is not known beforehand. */
  readonly length?: number;
  /** Begins an epoch; one epoch must give the same items each time. */
  iterate(epoch: number): AsyncIterable<Item> | Iterable<Item>;
}

/**
 * A dataset whose items go through a transform as they come. Resuming inside an epoch transforms
 * the items that it passes over, too.
 *
 * @param seed of the random numbers, which are keyed by the epoch and the item's place in it
 */
export function mapIterable<From, To>(
  dataset: IterableDataset<From>,
  transform: Transform<From, To>,
  seed: number,
): IterableDataset<To> {
  return {
    ...(dataset.length === undefined ? {} : { length: dataset.length }),
    async *iterate(epoch) {
      let place = 0;
      for await (const item of dataset.iterate(epoch)) {
        yield transform(item, new RandomStream(seed, `examples/${epoch}`, place++));
      }
    },
  };
}

/**
 * One process's share: of each `worldSize` consecutive examples the one in place `rank`. All are
 * read. The last ones, when they do not suffice for all processes, are left out.
 */
export function everyNth<Item>(
  dataset: IterableDataset<Item>,
  { rank, worldSize }: Shard,
): IterableDataset<Item> {
  const { length } = dataset;
  return {
    ...(length === undefined ? {} : { length: Math.floor(length / worldSize) }),
    async *iterate(epoch) {
      let own: Item | undefined;
      let place = 0;
      for await (const item of dataset.iterate(epoch)) {
        if (place === rank) own = item;
        place++;
        if (place < worldSize) continue;
        yield own!;
        place = 0;
      }
    },
  };
}
