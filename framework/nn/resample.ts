import type * as tf from "@tensorflow/tfjs";

import { conv2d, type Layer } from "./layers.ts";
import { upsampleNearest2x } from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";

/** Where a halving convolution pads: on every side, or below and right only (the autoencoder). */
export type DownsamplePadding = "symmetric" | "end";

/** Halves height and width. Parameters: `conv`. */
export function downsample(
  scope: ParameterScope,
  channels: number,
  padding: DownsamplePadding,
): Layer {
  return conv2d(scope.at("conv"), channels, channels, {
    size: 3,
    strides: [2, 2],
    pads: padding === "symmetric" ? [1, 1, 1, 1] : [0, 0, 1, 1],
  });
}

/** Doubles height and width, or one less of each where what it goes beside is odd. */
export type Upsample = (x: tf.Tensor, beside?: tf.Tensor) => tf.Tensor;

/** Parameters: `conv`. */
export function upsample(scope: ParameterScope, channels: number): Upsample {
  const conv = conv2d(scope.at("conv"), channels, channels, { size: 3 });
  return (x, beside) => {
    const doubled = upsampleNearest2x(x);
    const [, , height = -1, width = -1] = beside?.shape ?? [];
    return conv(beside ? doubled.slice([0, 0, 0, 0], [-1, -1, height, width]) : doubled);
  };
}
