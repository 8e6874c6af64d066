import { maximum } from "./probabilities.ts";

/** Forbids tokens of less than a probability, but for the likeliest. */
export function cutImprobable(logits: Float32Array, each: Float64Array, least: number): void {
  const largest = maximum(logits);
  for (let i = 0; i < logits.length; i++) {
    if (each[i]! < least && logits[i]! < largest) logits[i] = -Infinity;
  }
}
