import {
  createLoader,
  type DataLoader,
  type Dataset,
  packedDataset,
  shuffledOrder,
  type TokenDocuments,
  type Tokenizer,
} from "seedbed";

export interface PackedRowsOptions {
  /** Tokens in a row. */
  length: number;
  /** Whether what is left of a longer document is read too. Default no: dialogues would lose their beginning. */
  rests?: boolean;
}

export interface PackedLoaderOptions extends PackedRowsOptions {
  batchSize: number;
  /** Of the rows' order; rows in their order where there is none. */
  seed?: number;
}

/** Packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[length]`. */
export function packedRows(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  { length, rests = false }: PackedRowsOptions,
): Dataset {
  return packedDataset(documents, { length, rests, padId: tokenizer.ids.pad! });
}

/** Batches of rows. */
export function rowLoader(
  dataset: Dataset,
  { batchSize, seed }: Omit<PackedLoaderOptions, keyof PackedRowsOptions>,
): DataLoader {
  const order = seed === undefined ? {} : { order: shuffledOrder(dataset.length, seed) };
  return createLoader({ dataset, batchSize, seed: seed ?? 0, ...order });
}

/** Batches of packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[batch, length]`. */
export function packedLoader(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  { length, rests = false, ...options }: PackedLoaderOptions,
): DataLoader {
  return rowLoader(packedRows(documents, tokenizer, { length, rests }), options);
}
