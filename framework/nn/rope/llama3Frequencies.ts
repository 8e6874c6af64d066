import { defaultFrequencies } from "./defaultFrequencies.ts";
import type { Llama3Scaling, RopeConfig, RopeFrequencies } from "./ropeConfig.ts";

/**
 * As YaRN, with a blend that is linear in the turns over the original length, and scores as they
 * are.
 *
 * Source: Grattafiori et al. 2024, arXiv:2407.21783; the published code of Llama 3.1.
 */
export function llama3Frequencies(
  config: RopeConfig,
  { factor, original_max_position_embeddings: length, ...scaling }: Llama3Scaling,
): RopeFrequencies {
  const { low_freq_factor: low, high_freq_factor: high } = scaling;
  const { inverse, attentionFactor } = defaultFrequencies(config);
  return {
    inverse: inverse.map((frequency) => {
      const turns = (length * frequency) / (2 * Math.PI);
      const kept = turns > high ? 1 : turns < low ? 0 : (turns - low) / (high - low);
      return (frequency / factor) * (1 - kept) + frequency * kept;
    }),
    attentionFactor,
  };
}
