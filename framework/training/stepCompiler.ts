import type { Compile } from "../base/compile.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

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
