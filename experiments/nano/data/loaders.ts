import {
  createLoader,
  type DataLoader,
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

/** Batches of packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[batch, length]`. */
export function packedLoader(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  { length, batchSize, seed }: PackedLoaderOptions,
): DataLoader {
  const dataset = packedDataset(documents, { length, padId: tokenizer.ids.pad! });
  const order = seed === undefined ? {} : { order: shuffledOrder(dataset.length, seed) };
  return createLoader({ dataset, batchSize, seed: seed ?? 0, ...order });
}
