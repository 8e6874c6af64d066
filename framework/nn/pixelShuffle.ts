import type * as tf from "@tensorflow/tfjs";

/**
 * Joins each square of `factor * factor` patches to one token: fewer tokens with more features,
 * which come row by row from the square.
 *
 * Source: Shi et al. 2016, arXiv:1609.05158, backwards.
 *
 * @param x patches of square pictures, row by row, `[batch, side * side, features]`
 * @returns `[batch, (side / factor)^2, features * factor^2]`
 * @throws {RangeError} when the patches are no square that the factor divides
 */
export function pixelShuffle(x: tf.Tensor, factor: number): tf.Tensor3D {
  const [batch = 1, patches = 1, features = 1] = x.shape;
  const side = Math.sqrt(patches);
  const fewer = side / factor;
  if (!Number.isInteger(fewer)) {
    throw new RangeError(
      `Cannot join patches: expected a square number of them whose side ${factor} divides, got ${patches}`,
    );
  }
  return x
    .reshape([batch, fewer, factor, fewer, factor, features])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape([batch, fewer * fewer, factor * factor * features]);
}
