import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";

/**
 * Checks what a step gave when it is recorded.
 *
 * @param whose the step, for messages
 * @param needed what must be among it
 * @throws {TypeError} unless it is scalars by name
 */
export function checkScalars(
  whose: string,
  outputs: unknown,
  needed?: string,
): asserts outputs is Record<string, tf.Scalar> {
  const refuse = (expected: string, got: string): never => {
    throw new TypeError(`Cannot use what ${whose} returned: expected ${expected}, got ${got}`);
  };
  if (outputs instanceof Promise) refuse("scalars at once, for it is recorded", "a promise");
  if (typeof outputs !== "object" || outputs === null || outputs instanceof tf.Tensor) {
    return refuse("scalars by name", outputs instanceof tf.Tensor ? "a tensor" : String(outputs));
  }
  if (needed !== undefined && !(needed in outputs)) {
    refuse(`"${needed}"`, `[${Object.keys(outputs).join(", ")}]`);
  }
  for (const [name, value] of Object.entries(outputs)) {
    if (value instanceof tf.Tensor && value.size === 1) continue;
    const got = value instanceof tf.Tensor ? `shape ${describeShape(value.shape)}` : String(value);
    refuse(`"${name}" to be a scalar`, got);
  }
}

/** Reads scalars that are computed to the host, and disposes them. */
export function takeScalars(tensors: Readonly<Record<string, tf.Tensor>>): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    numbers[name] = tensor.dataSync()[0] ?? Number.NaN; // a promise of each would take longer than all else
    tensor.dispose();
  }
  return numbers;
}
