import * as tf from "@tensorflow/tfjs";

import type { HostBatch, HostTensor } from "./hostArray.ts";

export { hostTensor, type HostBatch, type HostTensor } from "./hostArray.ts"; // which need no TF.js

/** A tensor of dtype float32 or int32, after the type of the values; the caller disposes. */
export function toTensor({ values, shape }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], values instanceof Int32Array ? "int32" : "float32");
}

/** The values of a tensor of dtype float32 or int32, and its shape. */
export async function readTensor(tensor: tf.Tensor): Promise<HostTensor> {
  return { values: await tensor.data<"float32" | "int32">(), shape: tensor.shape };
}

/** Tensors of a whole batch; the caller disposes. */
export function toTensors(batch: HostBatch): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(batch).map(([name, host]) => [name, toTensor(host)]));
}
