import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction, CompileOptions } from "../base/compile.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { recordedBytes } from "./recordedBytes.ts";
import { checkLike, record } from "./recording.ts";

const bytesPerElement = 4;

/** A `Compile` that finds out what training needs without doing it. */
export interface EstimatingCompile {
  readonly compile: Compile;
  /** Of the function that needs most: bytes of this process while it runs; 0 before any was called. */
  readonly peakBytes: () => number;
}

/**
 * Records functions that assign to variables, as steps of training do, and gives zeros in the place of
 * what they would; variables stay as they are. Other functions are carried out.
 *
 * A step's process has what it has now, the variables that have no memory yet, such as moments of which
 * all are zero, and what is alive at once of the step's own values.
 *
 * @param real carries out the others
 */
export function estimatingCompile(backend: OrtBackend, real: Compile): EstimatingCompile {
  let peak = 0;
  const compile = <I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
    fn: (inputs: I) => O,
    options?: CompileOptions,
  ): CompiledFunction<I, O> => {
    const compiled = real(fn, options);
    let isStep: boolean | undefined;
    const call = async (inputs: I): Promise<O> => {
      if (isStep === false) return compiled(inputs);
      const pending = pendingBytes(backend);
      const recording = record(backend, fn, inputs);
      isStep = recording.variables.some(({ after }) => after !== undefined);
      if (!isStep) return compiled(inputs);
      const bytes = process.memoryUsage().rss + pending + recordedBytes(recording);
      peak = Math.max(peak, bytes);
      return checkLike(zerosOf(recording.returned), recording.returned);
    };
    return Object.assign(call, { dispose: () => compiled.dispose() });
  };
  return { compile: Object.assign(compile, real), peakBytes: () => peak };
}

/** Of variables whose values nobody has computed yet. */
function pendingBytes(backend: OrtBackend): number {
  return Object.values(tf.engine().registeredVariables)
    .filter(({ dataId }) => !backend.entry(dataId).array)
    .reduce((sum, { size }) => sum + size * bytesPerElement, 0);
}

function zerosOf(tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, tf.zeros(shape, dtype)]),
  );
}
