import type { DataLoader } from "../data/dataLoader.ts";
import type { DataLoaders } from "../data/dataModule.ts";
import { shardLoader } from "../data/shardLoader.ts";
import type { LimitedLoader } from "./evaluationLoop.ts";
import { limitBatches } from "./schedule.ts";

export function loaderList(loaders: DataLoaders | undefined): readonly DataLoader[] {
  if (loaders === undefined) return [];
  return isList(loaders) ? loaders : [loaders];
}

const isList = (loaders: DataLoaders): loaders is readonly DataLoader[] => Array.isArray(loaders);

/** Applies one limit to each loader. */
export function limitLoaders(
  name: string,
  limit: number | undefined,
  loaders: readonly DataLoader[],
): LimitedLoader[] {
  return loaders.map((loader) => ({ loader, batches: limitBatches(name, limit, sizeOf(loader)) }));
}

/** Batches in every epoch; Infinity when only its end tells. */
export function sizeOf(loader: DataLoader): number {
  return loader.has ? Infinity : loader.length;
}

/** The batches of epoch 0 in every epoch, in their order. */
export function oneEpoch(loader: DataLoader): DataLoader {
  return {
    shard: async (shard) => oneEpoch(await shardLoader(loader, shard)),
    length: loader.length,
    batch: (_epoch, index) => loader.batch(0, index),
    ...(loader.has && { has: (_epoch: number, index: number) => loader.has!(0, index) }),
  };
}
