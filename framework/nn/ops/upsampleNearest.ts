import * as tf from "@tensorflow/tfjs";

import { upsampleNearest2x } from "./upsampleNearest2x.ts";

/**
 * Repeats every pixel `factor` times in both directions.
 *
 * @param x `[batch, channels, height, width]`
 * @param factor an integer >= 1
 * @returns `[batch, channels, factor height, factor width]`
 * @throws {RangeError} when `factor` is no such number
 */
export function upsampleNearest(x: tf.Tensor, factor: number): tf.Tensor4D {
  if (!Number.isInteger(factor) || factor < 1) {
    throw new RangeError(`Cannot upsample: expected an integer factor >= 1, got ${factor}`);
  }
  if (factor === 2) return upsampleNearest2x(x);
  const repeat = tf.customGrad<tf.Tensor4D>(() => ({
    value: repeated(x, factor),
    gradFunc: (dy) => blockSums(dy, factor),
  }));
  return repeat(x);
}

function repeated(x: tf.Tensor, factor: number): tf.Tensor4D {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const pixels = x.reshape([n * c * h, 1, w, 1]);
  return tf.tile(pixels, [1, factor, 1, factor]).reshape([n, c, h * factor, w * factor]);
}

/** The gradient. TF.js's own for `tile` adds up a slice for each repetition. */
function blockSums(dy: tf.Tensor, factor: number): tf.Tensor {
  const [n = 1, c = 1, height = 1, width = 1] = dy.shape;
  const [h, w] = [height / factor, width / factor];
  return dy
    .reshape([n * c * h, factor, w, factor])
    .sum([1, 3])
    .reshape([n, c, h, w]);
}
