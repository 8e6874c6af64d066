import type * as tf from "@tensorflow/tfjs";

/** Every pixel of `x [batch, channels, height, width]`, `factor` times in both directions. */
export function repeatPixels(x: tf.Tensor, factor: number): tf.Tensor4D {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const pixels = x.reshape([n * c * h, 1, w, 1]);
  return pixels.tile([1, factor, 1, factor]).reshape([n, c, h * factor, w * factor]);
}

/**
 * The gradient of {@link repeatPixels}: the sum of every block. TF.js's own for `tile` adds up a
 * slice for each repetition.
 */
export function sumBlocks(dy: tf.Tensor, factor: number): tf.Tensor4D {
  const [n = 1, c = 1, height = factor, width = factor] = dy.shape;
  const [h, w] = [height / factor, width / factor];
  return dy
    .reshape([n * c * h, factor, w, factor])
    .sum([1, 3])
    .reshape([n, c, h, w]);
}
