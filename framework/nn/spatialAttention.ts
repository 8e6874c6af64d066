import { attention } from "./attention.ts";
import { zeros } from "./initializers.ts";
import { groupNorm, type Layer } from "./layers.ts";
import type { ParameterScope } from "./parameterScope.ts";
import { toImage, toTokens } from "./spatial.ts";

export interface SpatialAttentionOptions {
  groups: number;
  epsilon: number;
  /** Default: 1, as in the autoencoder. */
  heads?: number;
}

/**
 * Self-attention between the pixels, on a residual branch.
 *
 * Parameters: `group_norm`, `to_q`, `to_k`, `to_v`, `to_out.0`.
 */
export function spatialAttention(
  scope: ParameterScope,
  channels: number,
  { groups, epsilon, heads = 1 }: SpatialAttentionOptions,
): Layer {
  const norm = groupNorm(scope.at("group_norm"), channels, { groups, epsilon });
  const attend = attention(scope, {
    features: channels,
    heads,
    bias: true,
    ...(scope.zeroResiduals && {
      outOptions: { weightInitializer: zeros, biasInitializer: zeros },
    }),
  });
  return (x) => x.add(toImage(attend(toTokens(norm(x))), x));
}
