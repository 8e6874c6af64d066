import { readFileSync } from "node:fs";

import {
  createLoader,
  hostTensor,
  mapDataset,
  transforms,
  type DataLoader,
  type HostTensor,
} from "seedbed";

/** A text as numbers. */
export interface Corpus {
  /** Every character of the text, sorted; an id is a position here. */
  readonly characters: readonly string[];
  readonly train: Int32Array;
  /** The end of the text. */
  readonly validation: Int32Array;
}

/** The first 35 chapters of Melville's "Moby-Dick" (1851), public domain: NOTICE says where from. */
export function readMobyDick(): string {
  return readFileSync(new URL("./mobyDick.txt", import.meta.url), "utf8");
}

/** @param validationFraction share of the text, from its end, that is held out */
export function createCorpus(text: string, validationFraction: number): Corpus {
  const all = Array.from(text);
  const characters = [...new Set(all)].toSorted();
  const idOf = new Map(characters.map((character, id) => [character, id]));
  const ids = Int32Array.from(all, (character) => idOf.get(character)!);
  const end = Math.round(ids.length * (1 - validationFraction));
  return { characters, train: ids.subarray(0, end), validation: ids.subarray(end) };
}

export interface WindowOptions {
  /** Characters that the model sees; a window has one more. */
  context: number;
  batchSize: number;
  seed: number;
}

/** Batches of `ids`, int32 `[batch, context + 1]`. */
export function windowLoaders(
  { train, validation }: Corpus,
  { context, batchSize, seed }: WindowOptions,
): { trainLoader: DataLoader; valLoader: DataLoader } {
  const length = context + 1;
  const whole = (ids: Int32Array): HostTensor => hostTensor(ids, [ids.length]);
  const windows = Math.floor((validation.length - 1) / context);
  const anywhere = mapDataset(
    { length: Math.floor(train.length / context), get: () => whole(train) },
    transforms.randomTokenWindow(length),
  );
  return {
    trainLoader: createLoader({
      dataset: mapDataset(anywhere, (ids) => ({ ids })),
      batchSize,
      seed,
    }),
    valLoader: createLoader({
      dataset: {
        length: windows,
        get: (i) => ({
          ids: whole(validation.subarray(i * context, i * context + length)),
        }),
      },
      batchSize: Math.min(batchSize, windows),
      seed,
    }),
  };
}
