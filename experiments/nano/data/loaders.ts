import {
  createLoader,
  type DataLoader,
  type Dataset,
  packedDataset,
  shuffledOrder,
  type TokenDocuments,
  type Tokenizer,
} from "seedbed";

export interface PackedLoaderOptions {
  /** Tokens in a row. */
  length: number;
  batchSize: number;
  /** Of the rows' order; rows in their order where there is none. */
  seed?: number;
}

/** Packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[length]`. */
export function packedRows(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  length: number,
): Dataset {
  return packedDataset(documents, { length, padId: tokenizer.ids.pad! });
}

/** Batches of rows. */
export function rowLoader(
  dataset: Dataset,
  { batchSize, seed }: Omit<PackedLoaderOptions, "length">,
): DataLoader {
  const order = seed === undefined ? {} : { order: shuffledOrder(dataset.length, seed) };
  return createLoader({ dataset, batchSize, seed: seed ?? 0, ...order });
}

/** Batches of packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[batch, length]`. */
export function packedLoader(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  { length, ...options }: PackedLoaderOptions,
): DataLoader {
  return rowLoader(packedRows(documents, tokenizer, length), options);
}
