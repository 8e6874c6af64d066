import * as tf from "@tensorflow/tfjs";

import { repeatPixels, sumBlocks } from "./pixelBlocks.ts";
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
    value: repeatPixels(x, factor),
    gradFunc: (dy) => sumBlocks(dy, factor),
  }));
  return repeat(x);
}
