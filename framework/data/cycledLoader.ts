import type { HostBatch } from "../base/hostTensor.ts";
import type { DataLoader } from "./dataLoader.ts";

/** A loader that begins again where its epoch ends. */
export interface CycledLoader {
  /** Whether a batch comes before the loader begins again for the first time. */
  isFirstPass(epoch: number, index: number): Promise<boolean>;
  batch(epoch: number, index: number): Promise<HostBatch>;
}

/**
 * Every pass over a loader is an epoch of its own to it, with another shuffle and other random
 * numbers; only a loader that has `has` repeats the same epoch.
 *
 * @param total batches of one cycled epoch; Infinity when that is not known beforehand
 * @param name what to call the loader in messages
 */
export function cycledLoader(loader: DataLoader, total: number, name: string): CycledLoader {
  const { length } = loader;
  if (loader.has) return cycledUnknown(loader, name);
  return {
    isFirstPass: async (_, index) => index < length,
    batch(epoch, index) {
      const pass = Math.floor(index / length);
      return loader.batch(passEpoch(epoch, pass, Math.ceil(total / length)), index % length);
    },
  };
}

/** Numbers the passes of all epochs, each differently: one after another, or along diagonals. */
function passEpoch(epoch: number, pass: number, passes: number): number {
  if (passes < Infinity) return epoch * passes + pass;
  const diagonal = epoch + pass; // Cantor's pairing function
  return (diagonal * (diagonal + 1)) / 2 + pass;
}

/** Remembers where an epoch ends: asking the loader again would make it read up to there. */
function cycledUnknown(loader: DataLoader, name: string): CycledLoader {
  let ended = { epoch: -1, length: 0 };
  const isFirstPass = async (epoch: number, index: number): Promise<boolean> => {
    if (ended.epoch === epoch) return index < ended.length;
    if (await loader.has?.(epoch, index)) return true;
    ended = { epoch, length: loader.length };
    return false;
  };
  return {
    isFirstPass,
    async batch(epoch, index) {
      if (await isFirstPass(epoch, index)) return loader.batch(epoch, index);
      if (ended.length > 0) return loader.batch(epoch, index % ended.length);
      throw new RangeError(`Cannot repeat loader "${name}": epoch ${epoch} has no batch`);
    },
  };
}
