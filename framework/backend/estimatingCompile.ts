import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction, CompileOptions } from "../base/compile.ts";
import type { ScratchFile } from "../base/scratchFiles.ts";
import { reclaimLargeArrays } from "../runtime/reclaimMemory.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { recordedBytes } from "./recordedBytes.ts";
import { checkLike, record } from "./recording.ts";
import { windowBytes } from "./windowMemory.ts";

const bytesPerElement = 4;
/** What the first session of a process takes: ONNX Runtime's own structures, and pages of its code. */
const firstSessionBytes = 12e6;

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
 * all are zero, and what is alive at once of the step's own values, and the sessions.
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
      reclaimLargeArrays(); // as is done before a step's sessions are made
      const first = backend.counters.built === 0 ? firstSessionBytes : 0;
      const needed = pending + recordedBytes(recording) + filedBytes(backend) + first;
      peak = Math.max(peak, process.memoryUsage().rss + needed);
      return checkLike(zerosOf(recording.returned), recording.returned);
    };
    return Object.assign(call, { dispose: () => compiled.dispose() });
  };
  return { compile: Object.assign(compile, real), peakBytes: () => peak };
}

/** Of variables whose values nobody has computed yet. */
function pendingBytes(backend: OrtBackend): number {
  return Object.values(tf.engine().registeredVariables)
    .filter(({ dataId }) => {
      const { array, place } = backend.entry(dataId);
      return !array && !place;
    })
    .reduce((sum, { size }) => sum + size * bytesPerElement, 0);
}

/** Of the windows through which variables pass that lie in files, with parameters and gradients. */
function filedBytes(backend: OrtBackend): number {
  const elements = new Map<ScratchFile, number>();
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const place = backend.filed.placeOf(variable);
    if (place) elements.set(place.file, (elements.get(place.file) ?? 0) + variable.size);
  }
  if (elements.size === 0) return 0;
  const { length } = backend.windows;
  return windowBytes(elements.size + 2, Math.min(length, Math.max(...elements.values())));
}

function zerosOf(tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, tf.zeros(shape, dtype)]),
  );
}
