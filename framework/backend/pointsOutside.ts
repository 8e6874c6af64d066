import type * as tf from "@tensorflow/tfjs";

import type { HostArray } from "../runtime/session.ts";

interface Call {
  inputs: tf.NamedTensorInfoMap;
  attrs: tf.NamedAttrMap;
  /** An input's values, if they are known before the kernel runs. */
  valuesOf: (input: tf.TensorInfo | undefined) => HostArray | undefined;
}

const checks: Readonly<Record<string, (call: Call) => boolean>> = {
  GatherV2: ({ inputs: { x, indices }, attrs: { axis }, valuesOf }) => {
    if (!x || typeof axis !== "number") return false;
    return isOutside(valuesOf(indices), [x.shape.at(axis) ?? 0]);
  },
  Bincount: ({ inputs: { x }, valuesOf }) => isOutside(valuesOf(x), [Infinity]),
  DenseBincount: ({ inputs: { x }, valuesOf }) => isOutside(valuesOf(x), [Infinity]),
  TensorScatterUpdate: ({ inputs: { tensor, indices }, valuesOf }) =>
    isOutside(valuesOf(indices), lengthsFor(indices, tensor?.shape)),
  SparseToDense: ({ inputs: { sparseIndices }, attrs: { outputShape }, valuesOf }) =>
    isOutside(valuesOf(sparseIndices), lengthsFor(sparseIndices, outputShape)),
  BroadcastArgs: ({ inputs: { s0, s1 }, valuesOf }) => {
    const [a, b] = [valuesOf(s0)?.toReversed(), valuesOf(s1)?.toReversed()];
    return a?.some((n, i) => n !== 1 && n !== (b?.[i] ?? n) && b?.[i] !== 1) ?? false;
  },
};

/** Whether a kernel's input is wrong and known to be: TF.js's kernel then says so at once. */
export function pointsOutside(name: string, call: Call): boolean {
  return checks[name]?.(call) ?? false;
}

/** Whether one of `values`, in turn for each of the axes, is none of `0..length-1`. */
function isOutside(values: HostArray | undefined, lengths: readonly number[]): boolean {
  return values?.some((value, i) => value < 0 || value >= lengths[i % lengths.length]!) ?? false;
}

/** Lengths of the axes that `indices [..., depth]` point into. */
function lengthsFor(indices: tf.TensorInfo | undefined, shape: unknown): number[] {
  const depth = indices && indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  return Array.isArray(shape) ? shape.slice(0, depth).map(Number) : [];
}
