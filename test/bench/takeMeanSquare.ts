import type * as tf from "@tensorflow/tfjs";

/** One number that tells whether two sides came to the same values; disposes them. */
export async function takeMeanSquare(tensor: tf.Tensor): Promise<number> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
}
