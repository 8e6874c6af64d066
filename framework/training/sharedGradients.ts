/** @file Gradients on their way out of one compiled function, through the host, into another. */
import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { lentValues } from "../base/sharedValues.ts";

/** A float32 tensor on the host. */
export interface FloatTensor extends HostTensor {
  readonly values: Float32Array;
}

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

/** An array for numbers of one step after another: new memory takes the system longer than a copy. */
export class FlatMemory {
  #array = new Float32Array(0);

  /** @returns an array whose last values may be there; the one given before is no longer whole */
  take(size: number): Float32Array {
    if (this.#array.length !== size) this.#array = new Float32Array(new ArrayBuffer(4 * size));
    return this.#array;
  }
}

/**
 * Reads float32 tensors and disposes them.
 *
 * @param memory for the values, which stay until it is asked again; default: new
 * @returns one array with all of them, and the part of it that is each one's
 */
export async function takeFlat(
  tensors: ReadonlyMap<string, tf.Tensor>,
  memory: FlatMemory = new FlatMemory(),
): Promise<{ flat: Float32Array; parts: Map<string, FloatTensor> }> {
  const size = [...tensors.values()].reduce((sum, tensor) => sum + tensor.size, 0);
  const flat = memory.take(size);
  const parts = new Map<string, FloatTensor>();
  let start = 0;
  for (const [name, tensor] of tensors) {
    const values = flat.subarray(start, start + tensor.size);
    values.set(await lentValues(tensor));
    parts.set(name, { shape: tensor.shape, values });
    start += tensor.size;
    tensor.dispose();
  }
  return { flat, parts };
}
