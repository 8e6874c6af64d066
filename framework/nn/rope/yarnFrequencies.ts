import { defaultFrequencies } from "./defaultFrequencies.ts";
import type { RopeConfig, RopeFrequencies, YarnScaling } from "./ropeConfig.ts";

/**
 * Pairs that turn often keep their frequency, those that turn seldom are slowed down by the factor,
 * those between are blended; scores are made a little sharper.
 *
 * Source: Peng et al. 2023, arXiv:2309.00071, section 3.2 and eq. 22, with the ramp over the number
 * of the pair as the published code has it.
 */
export function yarnFrequencies(config: RopeConfig, scaling: YarnScaling): RopeFrequencies {
  const { factor, beta_fast, beta_slow, attention_factor } = scaling;
  const { inverse } = defaultFrequencies(config);
  const first = Math.max(Math.floor(pairThatTurns(beta_fast, config, scaling)), 0);
  const last = Math.min(Math.ceil(pairThatTurns(beta_slow, config, scaling)), config.head_dim - 1);
  const width = last === first ? 0.001 : last - first;
  return {
    inverse: inverse.map((frequency, i) => {
      const slowed = Math.min(1, Math.max(0, (i - first) / width));
      return (frequency / factor) * slowed + frequency * (1 - slowed);
    }),
    attentionFactor: attention_factor ?? (factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1),
  };
}

/** Number, with a fraction, of the pair that turns so many times over the original length. */
function pairThatTurns(
  turns: number,
  { head_dim, rope_theta }: RopeConfig,
  { original_max_position_embeddings: length }: YarnScaling,
): number {
  const wavelength = length / turns;
  return (head_dim * Math.log(wavelength / (2 * Math.PI))) / (2 * Math.log(rope_theta));
}
