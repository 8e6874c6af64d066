import { defaultFrequencies } from "./defaultFrequencies.ts";
import type { RopeConfig, RopeFrequencies } from "./ropeConfig.ts";

/**
 * Positions count for less: all frequencies divided by the factor.
 *
 * Source: Chen et al. 2023, arXiv:2306.15595, eq. 4.
 */
export function linearFrequencies(
  config: RopeConfig,
  { factor }: { readonly factor: number },
): RopeFrequencies {
  const { inverse, attentionFactor } = defaultFrequencies(config);
  return { inverse: inverse.map((frequency) => frequency / factor), attentionFactor };
}
