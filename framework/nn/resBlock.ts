import type * as tf from "@tensorflow/tfjs";

import { zeros } from "./initializers.ts";
import { conv2d, groupNorm, linear, type Layer } from "./layers.ts";
import type { ParameterScope } from "./parameterScope.ts";

export interface ResBlockOptions {
  inChannels: number;
  outChannels: number;
  /** Groups of the norms. */
  groups: number;
  /** Epsilon of the norms. */
  epsilon: number;
  /** Features of the time embedding; absent for blocks without one. */
  timeFeatures?: number;
}

/**
 * Two convolutions beside a shortcut, told the time in between.
 *
 * Parameters: `norm1`, `conv1`, `time_emb_proj`, `norm2`, `conv2`, and `conv_shortcut` where the
 * number of channels changes.
 *
 * @returns a function of `[batch, channels, height, width]` and the activated time embedding
 * `[batch or 1, timeFeatures]`
 */
export function resBlock(
  scope: ParameterScope,
  { inChannels, outChannels, groups, epsilon, timeFeatures }: ResBlockOptions,
): (x: tf.Tensor, time?: tf.Tensor) => tf.Tensor {
  const norm = { groups, epsilon, activation: "silu" } as const;
  const norm1 = groupNorm(scope.at("norm1"), inChannels, norm);
  const conv1 = conv2d(scope.at("conv1"), inChannels, outChannels, { size: 3 });
  const project =
    timeFeatures === undefined
      ? undefined
      : linear(scope.at("time_emb_proj"), timeFeatures, outChannels);
  const norm2 = groupNorm(scope.at("norm2"), outChannels, norm);
  const conv2 = conv2d(scope.at("conv2"), outChannels, outChannels, {
    size: 3,
    ...(scope.zeroResiduals && { initializer: zeros }),
  });
  const shortcut: Layer =
    inChannels === outChannels
      ? (x) => x
      : conv2d(scope.at("conv_shortcut"), inChannels, outChannels, { size: 1 });
  return (x, time) => {
    let hidden = conv1(norm1(x));
    if (project && time) hidden = hidden.add(project(time).reshape([-1, outChannels, 1, 1]));
    return shortcut(x).add(conv2(norm2(hidden)));
  };
}
