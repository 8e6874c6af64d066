import type { WeightFormat } from "./linearForms.ts";

/** How each kind of a decoder's matrices is held. */
export interface WeightFormats {
  /** Projections in the layers. */
  readonly layers: WeightFormat;
  /** What gives logits. */
  readonly head: WeightFormat;
  /** Table of embeddings: of 8 bits, in blocks, or as it is. */
  readonly embedding: "float32" | { readonly bits: 4 | 8; readonly blockSize: number };
}

export type WeightFormatName = "float32" | "int8" | "int8Blocks" | "int4" | "int4Small";

/**
 * Formats by name.
 *
 * The head is kept at 8 bits where layers have 4: fewer change which token is the likeliest.
 */
export const weightFormats: Readonly<Record<WeightFormatName, WeightFormats>> = {
  float32: { layers: "float32", head: "float32", embedding: "float32" },
  /** Quickest with long prompts. */
  int8: { layers: "int8", head: "int8", embedding: "float32" },
  int8Blocks: {
    layers: { bits: 8, blockSize: 32 },
    head: { bits: 8, blockSize: 32 },
    embedding: "float32",
  },
  int4: {
    layers: { bits: 4, blockSize: 32 },
    head: { bits: 8, blockSize: 32 },
    embedding: "float32",
  },
  /** Least memory. */
  int4Small: {
    layers: { bits: 4, blockSize: 128 },
    head: { bits: 8, blockSize: 128 },
    embedding: { bits: 8, blockSize: 32 },
  },
};
