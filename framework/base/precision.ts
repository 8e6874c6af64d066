/**
 * What numbers a step computes with, by Lightning's names: all in float32, or products and
 * convolutions in float16 or bfloat16 and all else, parameters and moments included, in float32.
 */
export type Precision = "32-true" | MixedPrecision;
export type MixedPrecision = "16-mixed" | "bf16-mixed";
