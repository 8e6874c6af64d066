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

/** Doubles height and width. Parameters: `conv`. */
export function upsample(scope: ParameterScope, channels: number): Layer {
  const conv = conv2d(scope.at("conv"), channels, channels, { size: 3 });
  return (x) => conv(upsampleNearest2x(x));
}
