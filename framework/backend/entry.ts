import type * as tf from "@tensorflow/tfjs";

import type { FilePlace } from "../base/scratchFiles.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { DeviceValue } from "../runtime/device.ts";
import type { HostArray, RuntimeType, RuntimeValue } from "../runtime/session.ts";
import type { Recorder } from "./recorder.ts";

/** What the backend holds for one TF.js data id: values, or the promise of them. */
export interface Entry {
  shape: readonly number[];
  dtype: tf.DataType;
  refCount: number;
  /**
   * Values; complex64 as real and imaginary parts in turn. Absent while they are pending, or on
   * the device or in a file alone.
   */
  array?: HostArray;
  strings?: Uint8Array[];
  /** The graph value that will be stored in `array`, and whose graph it is. */
  value?: GraphValue;
  recorder?: Recorder;
  /** The capture in which the values were written, if any: constants of that capture. */
  madeBy?: Recorder;
  /** Why the values will never be there: running their graph failed. */
  failure?: unknown;
  /** ONNX Runtime's view of `array`, made when first needed. */
  runtimeValue?: RuntimeValue;
  /** True when no tensor has the values any more. */
  isDisposed?: true;
  /** True when a compiled function reads the values as they were when it was recorded. */
  isCaptured?: true;
  /** The values on the device, when a compiled function reads or wrote them there. */
  deviceValue?: DeviceValue;
  /** Where the values are in a file; those of `array`, if it is there, are the same. */
  place?: FilePlace;
}

/** An entry whose values exist and are of a type that ONNX Runtime computes with. */
export type Materialized = Entry & { array: HostArray; dtype: "float32" | "int32" | "bool" };

/** What ONNX Runtime sees of a tensor: complex numbers as pairs of real ones. */
export function seenAs(
  dtype: tf.DataType,
  shape: readonly number[],
): { dtype: RuntimeType; shape: readonly number[] } {
  if (dtype === "complex64") return { dtype: "float32", shape: [...shape, 2] };
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return { dtype, shape };
  throw new TypeError(`Cannot hand a ${dtype} tensor to ONNX Runtime`);
}
