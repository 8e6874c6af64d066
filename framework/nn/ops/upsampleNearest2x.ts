import * as tf from "@tensorflow/tfjs";

import { firstGradient, runKernel } from "./kernels.ts";

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
    runKernel<tf.Tensor4D>("SeedbedUpsampleNearest2x", { x }) ??
    tf.tidy(() => {
      const [n = 1, c = 1, h = 1, w = 1] = x.shape;
      const pixels = tf.reshape<tf.Rank.R4>(x, [n * c * h, 1, w, 1]);
      return tf.tile(pixels, [1, 2, 1, 2]).reshape<tf.Tensor4D>([n, c, 2 * h, 2 * w]);
    })
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
  return tf.tidy(() => {
    const [n = 1, c = 1, h = 2, w = 2] = dy.shape;
    const blocks = tf.reshape(dy, [(n * c * h) / 2, 2, w / 2, 2]);
    return blocks.sum([1, 3]).reshape([n, c, h / 2, w / 2]);
  });
}

tf.registerGradient({
  kernelName: "SeedbedUpsampleNearest2x",
  gradFunc: (dy) => ({ x: () => upsampleNearest2xGradient(firstGradient(dy)) }),
});

tf.registerGradient({
  kernelName: "SeedbedUpsampleNearest2xGradient",
  gradFunc: (ddx) => ({ dy: () => upsampleNearest2x(firstGradient(ddx)) }),
});
