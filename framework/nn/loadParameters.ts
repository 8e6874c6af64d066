import * as tf from "@tensorflow/tfjs";

import { toTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import type { Parameters } from "./parameterScope.ts";

export interface LoadParametersOptions {
  /**
   * Fail when anything does not match. Otherwise what matches is loaded and the rest reported.
   * Default: true.
   */
  strict?: boolean;
  /** The model's name for a file's name; `undefined` leaves the tensor out. */
  rename?: (name: string) => string | undefined;
}

/** What did not match: nothing, after strict loading. */
export interface LoadReport {
  /** Parameters without a tensor. */
  readonly missing: string[];
  /** Tensors without a parameter. */
  readonly unexpected: string[];
  /** Parameters whose tensor has another shape, with both shapes. */
  readonly misshaped: string[];
}

/**
 * Assigns weights to a model's parameters. Nothing is assigned when names or shapes are wrong;
 * values are read one tensor at a time, after that.
 *
 * @throws {RangeError} naming every missing, unexpected and mis-shaped tensor, or every one that
 * holds NaN or an infinity
 */
export function loadParameters(
  parameters: Readonly<Pick<Parameters, "get" | "has" | "entries">>,
  tensors: ReadonlyMap<string, HostTensor>,
  { strict = true, rename = (name) => name }: LoadParametersOptions = {},
): LoadReport {
  const renamed = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    const ours = rename(name);
    if (ours !== undefined) renamed.set(ours, tensor);
  }
  const { report, fitting } = match(parameters, renamed);
  const problems = describeReport(report);
  if (strict && problems !== "") throw new RangeError(`Cannot load parameters: ${problems}`);
  const broken = [...fitting].filter(([name, variable]) => !assign(variable, renamed.get(name)!));
  if (broken.length > 0) {
    const names = listed(
      "with values that are not finite",
      broken.map(([name]) => name),
    );
    throw new RangeError(`Cannot load parameters: ${names}`);
  }
  return report;
}

/** One line on what did not match; empty if everything did. */
export function describeReport({ missing, unexpected, misshaped }: LoadReport): string {
  return [
    listed("missing", missing),
    listed("unexpected", unexpected),
    listed("of another shape", misshaped),
  ]
    .filter((problem) => problem !== "")
    .join("; ");
}

function match(
  parameters: Readonly<Pick<Parameters, "has" | "entries">>,
  tensors: ReadonlyMap<string, HostTensor>,
): { report: LoadReport; fitting: Map<string, tf.Variable> } {
  const missing: string[] = [];
  const misshaped: string[] = [];
  const fitting = new Map<string, tf.Variable>();
  for (const [name, variable] of parameters.entries()) {
    const tensor = tensors.get(name);
    if (!tensor) missing.push(name);
    else if (sameShape(variable.shape, tensor.shape)) fitting.set(name, variable);
    else {
      misshaped.push(
        `${name} (expected ${describeShape(variable.shape)}, got ${describeShape(tensor.shape)})`,
      );
    }
  }
  const unexpected = [...tensors.keys()].filter((name) => !parameters.has(name));
  return { report: { missing, unexpected, misshaped }, fitting };
}

/** @returns whether all values were finite, without which nothing is assigned */
function assign(variable: tf.Variable, { shape, values }: HostTensor): boolean {
  if (!areFinite(values)) return false;
  tf.tidy(() => variable.assign(toTensor({ shape, values })));
  return true;
}

function areFinite(values: HostTensor["values"]): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function listed(problem: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${names.length} ${problem}: ${names.join(", ")}`;
}
