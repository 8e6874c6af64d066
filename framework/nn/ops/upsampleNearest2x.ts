import * as tf from "@tensorflow/tfjs";

import { firstGradient, runKernel } from "./kernels.ts";
import { repeatPixels, sumBlocks } from "./pixelBlocks.ts";

/**
 * Repeats every pixel in both directions.
 *
 * Kernel `SeedbedUpsampleNearest2x`: `{x}` to `y`.
 *
 * @param x `[batch, channels, height, width]`
 * @returns `[batch, channels, 2 height, 2 width]`
 */
export function upsampleNearest2x(x: tf.Tensor): tf.Tensor4D {
  return (
    runKernel<tf.Tensor4D>("SeedbedUpsampleNearest2x", { x }) ?? tf.tidy(() => repeatPixels(x, 2))
  );
}

/**
 * Gradient of {@link upsampleNearest2x}: the sum of every 2 x 2 block.
 *
 * Kernel `SeedbedUpsampleNearest2xGradient`: `{dy}` to `dx`.
 */
export function upsampleNearest2xGradient(dy: tf.Tensor): tf.Tensor {
  return (
    runKernel<tf.Tensor>("SeedbedUpsampleNearest2xGradient", { dy }) ??
    upsampleNearest2xGradientReference(dy)
  );
}

export function upsampleNearest2xGradientReference(dy: tf.Tensor): tf.Tensor {
  return tf.tidy(() => sumBlocks(dy, 2));
}

tf.registerGradient({
  kernelName: "SeedbedUpsampleNearest2x",
  gradFunc: (dy) => ({ x: () => upsampleNearest2xGradient(firstGradient(dy)) }),
});

tf.registerGradient({
  kernelName: "SeedbedUpsampleNearest2xGradient",
  gradFunc: (ddx) => ({ dy: () => upsampleNearest2x(firstGradient(ddx)) }),
});
