import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

/** Compares values and shape; the tolerance is absolute. */
export async function expectClose(
  actual: tf.Tensor,
  expected: tf.TensorLike | tf.Tensor,
  tolerance = 1e-5,
): Promise<void> {
  const want = expected instanceof tf.Tensor ? expected.clone() : tf.tensor(expected);
  expect(actual.shape, "shape").to.deep.equal(want.shape);
  const [a, b] = await Promise.all([actual.data(), want.data()]);
  a.forEach((value, i) => expect(value, `element ${i}`).to.be.closeTo(b[i]!, tolerance));
  want.dispose();
}

/** Values that have a sign, an order and no pattern: sin(0.7 i + start). */
export function wave(shape: readonly number[], start: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.sin(0.7 * i + start));
}
