import type { WeightFormats } from "seedbed";

/** A way to put a model's matrices into codes. */
export interface Variant {
  readonly formats: WeightFormats;
  /** `rounding` to the nearest, or `gptq`, after the features that come in. */
  readonly method: "rounding" | "gptq";
}

export type VariantName = "int8" | "int8Blocks" | "int4" | "int4Rounded";

/** Of each word's features; head and table share codes where both are in blocks. */
const table = { bits: 8, blockSize: 32 } as const;
const int4 = { layers: { bits: 4, blockSize: 32 }, head: table, embedding: table } as const;

/** The head has 8 bits always: fewer change which token is the likeliest. */
export const variants: Readonly<Record<VariantName, Variant>> = {
  /** One scale for each output; features are rounded as they come. The quickest. */
  int8: { formats: { layers: "int8", head: "int8", embedding: table }, method: "rounding" },
  int8Blocks: { formats: { layers: table, head: table, embedding: table }, method: "rounding" },
  int4: { formats: int4, method: "gptq" },
  int4Rounded: { formats: int4, method: "rounding" },
};

export const variantNames: readonly VariantName[] = ["int8", "int8Blocks", "int4", "int4Rounded"];
