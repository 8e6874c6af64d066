import * as tf from "@tensorflow/tfjs";

import { zeros } from "./initializers.ts";
import { conv2d, groupNorm, linear, type Layer } from "./layers.ts";
import { silu } from "./ops/index.ts";
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
  /**
   * What the time embedding does: it is added between the convolutions, or it scales and shifts
   * what the second norm gives. Default: added.
   */
  timeScaleShift?: boolean;
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
  {
    inChannels,
    outChannels,
    groups,
    epsilon,
    timeFeatures,
    timeScaleShift = false,
  }: ResBlockOptions,
): (x: tf.Tensor, time?: tf.Tensor) => tf.Tensor {
  const norm = { groups, epsilon, activation: "silu" } as const;
  const norm1 = groupNorm(scope.at("norm1"), inChannels, norm);
  const conv1 = conv2d(scope.at("conv1"), inChannels, outChannels, { size: 3 });
  const project =
    timeFeatures === undefined
      ? undefined
      : linear(scope.at("time_emb_proj"), timeFeatures, outChannels * (timeScaleShift ? 2 : 1));
  const norm2 = groupNorm(
    scope.at("norm2"),
    outChannels,
    timeScaleShift ? { groups, epsilon } : norm,
  );
  const conv2 = conv2d(scope.at("conv2"), outChannels, outChannels, {
    size: 3,
    ...(scope.zeroResiduals && { initializer: zeros }),
  });
  const shortcut: Layer =
    inChannels === outChannels
      ? (x) => x
      : conv2d(scope.at("conv_shortcut"), inChannels, outChannels, { size: 1 });
  const tell = (hidden: tf.Tensor, time: tf.Tensor): tf.Tensor => {
    const told = project!(time).reshape([time.shape[0]!, -1, 1, 1]);
    if (!timeScaleShift) return norm2(hidden.add(told));
    const [scale, shift] = tf.split(told, 2, 1);
    return silu(norm2(hidden).mul(scale!.add(1)).add(shift!));
  };
  return (x, time) => {
    const hidden = conv1(norm1(x));
    const active = project && time ? tell(hidden, time) : norm2(hidden);
    return shortcut(x).add(conv2(active));
  };
}
