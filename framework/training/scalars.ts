import type * as tf from "@tensorflow/tfjs";

/** Reads scalars to the host and disposes them. */
export async function takeScalars(
  tensors: Readonly<Record<string, tf.Tensor>>,
): Promise<Record<string, number>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const [value] = await tensor.data();
    tensor.dispose();
    return [name, value ?? Number.NaN] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
