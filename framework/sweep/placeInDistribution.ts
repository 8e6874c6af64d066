import type { NumberDomain } from "../spec/distributions.ts";
import { incompleteBeta } from "./betaQuantile.ts";
import { logNormalCdf } from "./normalMass.ts";

/**
 * Where in its distribution a number lies, in (0, 1): what `sampleDomain` would make it from. Whole
 * numbers lie in the middle of their part.
 */
export function placeInDistribution(domain: NumberDomain, value: number): number {
  return clampPlace(place(domain, value));
}

/** Bells have no value at 0 and 1. */
export const clampPlace = (u: number): number => Math.min(1 - 2 ** -33, Math.max(2 ** -33, u));

function place({ kind, min, max, mu, sigma, a, b }: NumberDomain, value: number): number {
  switch (kind) {
    case "int_uniform":
      return (value - min + 0.5) / (max - min + 1);
    case "uniform":
    case "q_uniform":
      return (value - min) / (max - min);
    case "log_uniform_values":
    case "inv_log_uniform_values":
    case "q_log_uniform_values":
      return Math.log(Math.max(value, min) / min) / Math.log(max / min);
    case "normal":
    case "q_normal":
      return Math.exp(logNormalCdf((value - mu) / sigma));
    case "log_normal":
    case "q_log_normal":
      return Math.exp(logNormalCdf((Math.log(Math.max(value, Number.MIN_VALUE)) - mu) / sigma));
    case "beta":
    case "q_beta":
      return incompleteBeta(clampPlace(value), a, b);
  }
}
