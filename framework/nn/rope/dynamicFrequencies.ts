import { defaultFrequencies } from "./defaultFrequencies.ts";
import type { RopeConfig, RopeFrequencies } from "./ropeConfig.ts";

/**
 * A base that grows with the text, once that is longer than the model is made for ("dynamic NTK").
 * What was cached before keeps the frequencies of its time, as in transformers.
 *
 * Source: Peng et al. 2023, arXiv:2309.00071, section 3.3 and appendix A.1.
 *
 * @param tokens of the whole text
 */
export function dynamicFrequencies(
  config: RopeConfig,
  { factor }: { readonly factor: number },
  tokens: number,
): RopeFrequencies {
  const { head_dim, rope_theta, max_position_embeddings: longest } = config;
  const length = Math.max(tokens, longest);
  const growth = (factor * length) / longest - (factor - 1);
  return defaultFrequencies({
    head_dim,
    rope_theta: rope_theta * growth ** (head_dim / (head_dim - 2)),
  });
}
