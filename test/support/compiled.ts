/** @file What tests of compiled functions make and look at. */
import * as tf from "@tensorflow/tfjs";

/** Runs a compiled function once and reads its outputs. */
export async function valuesOf(
  fn: (inputs: tf.NamedTensorMap) => Promise<tf.NamedTensorMap>,
  inputs: tf.NamedTensorMap = {},
): Promise<Record<string, number[]>> {
  const outputs = await fn(inputs);
  const values = Object.entries(outputs).map(([name, tensor]) => [name, [...tensor.dataSync()]]);
  tf.dispose(outputs);
  return Object.fromEntries(values);
}

export function variable(start: () => tf.Tensor, name?: string): tf.Variable {
  return tf.tidy(() => tf.variable(start(), true, name));
}

export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("Expected a rejection");
}
