import * as tf from "@tensorflow/tfjs";

import { describeShape, sizeOf } from "./shape.ts";

/** Values on the host, before they become a tensor. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** One batch as a data loader makes it: every entry's first axis is the batch. */
export type HostBatch = Readonly<Record<string, HostTensor>>;

/** @throws {RangeError} when the number of values does not fit the shape */
export function hostTensor(
  values: Float32Array | Int32Array,
  shape: readonly number[],
): HostTensor {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `Cannot make a tensor: shape ${describeShape(shape)} needs ${sizeOf(shape)} values, got ${values.length}`,
    );
  }
  return { values, shape };
}

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
