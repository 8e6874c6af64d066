import type * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

/** A batch and what else a step needs, by name, to what it gives. */
export type CompiledStep = CompiledFunction<tf.NamedTensorMap, tf.NamedTensorMap>;

/**
 * Compiles steps as the settings ask for, and prints what a mixed precision means here.
 *
 * @throws {Error} when the backend cannot compute in it
 */
export function stepCompiler({ compile, precision, print }: TrainerSettings): Compile {
  if (precision === "32-true") return compile;
  const description = compile.describePrecision?.(precision);
  if (description !== undefined) print(description);
  return (fn, options) => compile(fn, { ...options, precision });
}
