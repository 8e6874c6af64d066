import * as tf from "@tensorflow/tfjs";

import { sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { allocate, RuntimeValue, type HostArray, type RuntimeType } from "../runtime/session.ts";

/** @throws {TypeError} for the types that values have within a graph only */
export function runtimeTypeOf({ dtype }: GraphValue): RuntimeType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new TypeError(`Cannot return a value of ${dtype}: cast it`);
}

/** Memory for a value, in `array` if it has its place already. */
export function newValue(value: GraphValue, array?: HostArray): RuntimeValue {
  const dtype = runtimeTypeOf(value);
  return new RuntimeValue(array ?? allocate(dtype, sizeOf(value.shape)), dtype, value.shape);
}

export function copyOf(array: HostArray, dtype: RuntimeType): HostArray {
  const copy = allocate(dtype, array.length);
  copy.set(array);
  return copy;
}

/** The values in memory of our own: the caller's array may change or move. */
export function copyToNative(
  values: tf.backend_util.BackendValues | undefined,
  dtype: tf.DataType,
  shape: readonly number[],
): HostArray {
  const length = tf.util.sizeFromShape([...shape]) * (dtype === "complex64" ? 2 : 1);
  const array = allocate(dtype === "int32" || dtype === "bool" ? dtype : "float32", length);
  if (values) array.set(Array.isArray(values) ? values.map(Number) : values);
  return array;
}
