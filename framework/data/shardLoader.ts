import type { DataLoader, Shard } from "./dataLoader.ts";

/**
 * One process's share of any loader. One that does not say how it is shared is shared by batches: of
 * each `worldSize` consecutive ones, every process has one.
 *
 * @throws {RangeError} when there is not a batch for each process
 */
export async function shardLoader(loader: DataLoader, shard: Shard): Promise<DataLoader> {
  if (shard.worldSize === 1) return loader;
  return loader.shard ? loader.shard(shard) : shardBatches(loader, shard);
}

function shardBatches(loader: DataLoader, { rank, worldSize }: Shard): DataLoader {
  const length = (): number => Math.floor(loader.length / worldSize);
  if (length() === 0) {
    throw new RangeError(
      `Cannot share a loader: expected a batch for each of ${worldSize} processes, got ${loader.length}`,
    );
  }
  return {
    get length() {
      return length();
    },
    batch: (epoch, index) => loader.batch(epoch, index * worldSize + rank),
    ...(loader.has && {
      has: (epoch: number, index: number) => loader.has!(epoch, index * worldSize + worldSize - 1),
    }),
  };
}
