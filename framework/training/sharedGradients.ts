/** @file Gradients on their way out of one compiled function, through the host, into another. */
import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";

/** Marks them among the other outputs and inputs. */
const prefix = "gradient/";

export function joinGradients<Value>(gradients: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...gradients].map(([name, gradient]) => [prefix + name, gradient]));
}

/** Undoes `joinGradients`. */
export function splitGradients(tensors: tf.NamedTensorMap): {
  gradients: Map<string, tf.Tensor>;
  others: tf.NamedTensorMap;
} {
  const gradients = new Map<string, tf.Tensor>();
  const others: tf.NamedTensorMap = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(prefix)) gradients.set(name.slice(prefix.length), tensor);
    else others[name] = tensor;
  }
  return { gradients, others };
}

/**
 * Reads float32 tensors and disposes them.
 *
 * @returns one new array with all of them, and the part of it that is each one's
 */
export async function takeFlat(tensors: ReadonlyMap<string, tf.Tensor>): Promise<{
  flat: Float32Array;
  parts: Map<string, HostTensor>;
}> {
  const size = [...tensors.values()].reduce((sum, tensor) => sum + tensor.size, 0);
  const flat = new Float32Array(new ArrayBuffer(4 * size));
  const parts = new Map<string, HostTensor>();
  let start = 0;
  for (const [name, tensor] of tensors) {
    const values = flat.subarray(start, start + tensor.size);
    values.set(await tensor.data<"float32">());
    parts.set(name, { shape: tensor.shape, values });
    start += tensor.size;
    tensor.dispose();
  }
  return { flat, parts };
}
