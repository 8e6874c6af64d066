import type { HostBatch, HostTensor } from "../base/hostTensor.ts";
import { cycledLoader } from "./cycledLoader.ts";
import { hasBatch, missingBatch, type DataLoader } from "./dataLoader.ts";
import { shardLoader } from "./shardLoader.ts";

/**
 * When an epoch over several loaders ends.
 *
 * - `maxSizeCycle`: with the longest; shorter ones begin again.
 * - `minSize`: with the shortest.
 * - `maxSize`: with the longest; the entries of those that have ended are absent.
 * - `sequential`: after one loader comes the next; a batch has the entries of one.
 */
export type CombineMode = "maxSizeCycle" | "minSize" | "maxSize" | "sequential";

/** One loader's share of a combined batch. */
interface Part {
  readonly name: string;
  load(): Promise<HostBatch>;
}

/** The parts of a combined batch; none after the end of the epoch. */
type Locate = (epoch: number, index: number) => Promise<Part[]>;

type NamedLoader = readonly [name: string, loader: DataLoader];

/**
 * One loader of several: a batch has the entries of each under `<name>/`. Source: Lightning's
 * CombinedLoader.
 */
export function combineLoaders(
  loaders: Readonly<Record<string, DataLoader>>,
  mode: CombineMode = "maxSizeCycle",
): DataLoader {
  const named = Object.entries(loaders);
  if (named.length === 0) {
    throw new RangeError("Cannot combine loaders: expected at least one, got none");
  }
  const locate = locators[mode](named);
  const length = (): number => lengthOf(named, mode);
  return {
    get length() {
      return length();
    },
    async batch(epoch, index) {
      const parts = await locate(epoch, index);
      if (parts.length > 0) return load(parts);
      throw missingBatch(epoch, index, length());
    },
    ...(named.some(([, loader]) => loader.has !== undefined) && {
      has: async (epoch: number, index: number) => (await locate(epoch, index)).length > 0,
    }),
    async shard(shard) {
      const shards = named.map(
        async ([name, loader]) => [name, await shardLoader(loader, shard)] as const,
      );
      return combineLoaders(Object.fromEntries(await Promise.all(shards)), mode);
    },
    async dispose() {
      for (const [, loader] of named) await loader.dispose?.();
    },
  };
}

function lengthOf(named: readonly NamedLoader[], mode: CombineMode): number {
  const lengths = named.map(([, { length }]) => length);
  if (mode === "minSize") return Math.min(...lengths);
  if (mode === "sequential") return lengths.reduce((sum, length) => sum + length, 0);
  return Math.max(...lengths);
}

async function load(parts: readonly Part[]): Promise<HostBatch> {
  const batches = await Promise.all(parts.map((part) => part.load()));
  const combined: Record<string, HostTensor> = {};
  for (const [i, batch] of batches.entries()) {
    for (const [entry, tensor] of Object.entries(batch)) {
      combined[`${parts[i]!.name}/${entry}`] = tensor;
    }
  }
  return combined;
}

const locators: Readonly<Record<CombineMode, (named: readonly NamedLoader[]) => Locate>> = {
  maxSizeCycle(named) {
    const total = Math.max(...named.map(([, loader]) => (loader.has ? Infinity : loader.length)));
    const cycled = named.map(
      ([name, loader]) => [name, cycledLoader(loader, total, name)] as const,
    );
    return async (epoch, index) => {
      const firsts = await Promise.all(
        cycled.map(([, loader]) => loader.isFirstPass(epoch, index)),
      );
      if (!firsts.includes(true)) return [];
      return cycled.map(([name, loader]) => ({ name, load: () => loader.batch(epoch, index) }));
    };
  },
  minSize: (named) => async (epoch, index) => {
    const parts = await partsAt(named, epoch, index);
    return parts.length === named.length ? parts : [];
  },
  maxSize: (named) => (epoch, index) => partsAt(named, epoch, index),
  sequential: (named) => async (epoch, index) => {
    let start = 0;
    for (const [name, loader] of named) {
      const place = index - start;
      if (await hasBatch(loader, epoch, place)) {
        return [{ name, load: () => loader.batch(epoch, place) }];
      }
      start += loader.length;
    }
    return [];
  },
};

/** The loaders that have a batch at an index. */
async function partsAt(
  named: readonly NamedLoader[],
  epoch: number,
  index: number,
): Promise<Part[]> {
  const present = await Promise.all(named.map(([, loader]) => hasBatch(loader, epoch, index)));
  return named
    .filter((_, i) => present[i])
    .map(([name, loader]) => ({ name, load: () => loader.batch(epoch, index) }));
}
