import * as tf from "@tensorflow/tfjs";

import { toTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import type { Parameters } from "./parameterScope.ts";

export interface LoadParametersOptions {
  /** Fail when a parameter has no tensor or a tensor no parameter; a wrong shape always fails. */
  strict?: boolean;
  /** The model's name for a file's name; `undefined` leaves the tensor out. */
  rename?: (name: string) => string | undefined;
}

/**
 * Assigns weights to a model's parameters. Nothing is assigned when anything is wrong.
 *
 * @returns what did not match, which is nothing when `strict`
 * @throws {RangeError} naming every missing, unexpected and mis-shaped tensor
 */
export function loadParameters(
  parameters: Readonly<Pick<Parameters, "get" | "has" | "entries">>,
  tensors: ReadonlyMap<string, HostTensor>,
  { strict = true, rename = (name) => name }: LoadParametersOptions = {},
): { missing: string[]; unexpected: string[] } {
  const renamed = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    const ours = rename(name);
    if (ours !== undefined) renamed.set(ours, tensor);
  }
  const missing: string[] = [];
  const misshaped: string[] = [];
  for (const [name, variable] of parameters.entries()) {
    const tensor = renamed.get(name);
    if (!tensor) missing.push(name);
    else if (!sameShape(variable.shape, tensor.shape)) {
      misshaped.push(
        `${name} (expected ${describeShape(variable.shape)}, got ${describeShape(tensor.shape)})`,
      );
    }
  }
  const unexpected = [...renamed.keys()].filter((name) => !parameters.has(name));
  const problems = [
    ...(strict ? listed("missing", missing) : []),
    ...(strict ? listed("unexpected", unexpected) : []),
    ...listed("of another shape", misshaped),
  ];
  if (problems.length > 0) {
    throw new RangeError(`Cannot load parameters: ${problems.join("; ")}`);
  }
  for (const [name, tensor] of renamed) {
    const variable = parameters.get(name);
    if (variable) tf.tidy(() => variable.assign(toTensor(tensor)));
  }
  return { missing, unexpected };
}

function listed(problem: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${names.length} ${problem}: ${names.join(", ")}`];
}
