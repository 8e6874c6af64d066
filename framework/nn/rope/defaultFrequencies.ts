import type { RopeConfig, RopeFrequencies } from "./ropeConfig.ts";

/**
 * Frequencies that fall from 1 to nearly `1 / theta`: `theta ^ (-2i / head_dim)`.
 *
 * Source: Su et al. 2021, arXiv:2104.09864, eq. 15.
 */
export function defaultFrequencies({
  head_dim,
  rope_theta,
}: Pick<RopeConfig, "head_dim" | "rope_theta">): RopeFrequencies {
  const inverse = Float64Array.from(
    { length: head_dim / 2 },
    (_, i) => rope_theta ** ((-2 * i) / head_dim),
  );
  return { inverse, attentionFactor: 1 };
}
