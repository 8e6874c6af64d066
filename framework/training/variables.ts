/** @file Variables to host memory and back. */
import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import { toTensor, type HostTensor } from "../base/hostTensor.ts";
import { putIntoFile } from "../base/keptInFile.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import { sharedValues } from "../base/sharedValues.ts";
import { lazyTensor } from "../weights/storedTensor.ts";

type Variables = ReadonlyMap<string, tf.Variable>;

/** Copies of all values, in the order of the variables. */
export async function readVariables(variables: Variables): Promise<Map<string, HostTensor>> {
  const entries = [...variables].map(async ([name, variable]) => {
    checkSavable(name, variable);
    const values = await variable.data<"float32" | "int32">();
    return [name, { shape: variable.shape, values }] as const;
  });
  return new Map(await Promise.all(entries));
}

/**
 * No copies: values are read when, and each time, they are asked for.
 *
 * @throws {TypeError} for a variable of a type that is not saved
 */
export function openVariables(variables: Variables): Map<string, HostTensor> {
  return new Map(
    Array.from(variables, ([name, variable]) => {
      checkSavable(name, variable);
      const { shape } = variable;
      const dtype = variable.dtype === "int32" ? "I32" : "F32";
      return [name, lazyTensor({ dtype, shape }, () => sharedValues(variable))];
    }),
  );
}

/** @throws {TypeError} for a variable of a type that is not saved */
export function checkSavable(name: string, { dtype }: tf.Variable): void {
  if (dtype === "float32" || dtype === "int32") return;
  throw new TypeError(
    `Cannot save variable "${name}": expected dtype float32 or int32, got ${dtype}`,
  );
}

/**
 * Sets every variable to the tensor of its name.
 *
 * @param what whose they are, for messages
 * @throws {InputError} unless names and shapes are the same, before anything is changed
 */
export function assignVariables(
  what: string,
  variables: Variables,
  tensors: ReadonlyMap<string, HostTensor>,
): void {
  checkTensors(what, variables, tensors);
  for (const [name, variable] of variables) assignVariable(variable, tensors.get(name)!);
}

/** @throws {InputError} unless names and shapes are those of the variables */
export function checkTensors(
  what: string,
  variables: ReadonlyMap<string, Pick<tf.Variable, "shape">>,
  tensors: ReadonlyMap<string, Pick<HostTensor, "shape">>,
): void {
  for (const [name, { shape }] of variables) {
    const stored = tensors.get(name);
    if (!stored) {
      throw new InputError(
        `Cannot load ${what}: expected a tensor "${name}", got none; was it saved with another model?`,
      );
    }
    if (sameShape(shape, stored.shape)) continue;
    throw new InputError(
      `Cannot load ${what}: "${name}" must have shape ${describeShape(shape)}, got ${describeShape(stored.shape)}`,
    );
  }
  const unknown = [...tensors.keys()].find((name) => !variables.has(name));
  if (unknown !== undefined) {
    throw new InputError(
      `Cannot load ${what}: nothing here is called "${unknown}"; was it saved with another model?`,
    );
  }
}

/** @param tensor of the variable's shape */
export function assignVariable(variable: tf.Variable, tensor: HostTensor): void {
  const value = toTensor(tensor);
  variable.assign(value);
  value.dispose();
  putIntoFile(variable);
}
