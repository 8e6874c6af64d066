import type * as tf from "@tensorflow/tfjs";

import { sameShape } from "../base/shape.ts";
import { readTensors, verifyCheckpoint } from "./checkpoint.ts";
import type { BaseModule } from "./trainingModule.ts";
import { assignVariable, assignVariables } from "./variables.ts";

type WithWeights = Pick<BaseModule, "trainableParameters" | "otherState">;

export interface RestoreWeightsOptions {
  /** Whether names and shapes must be the same; otherwise what fits is loaded. Default: they must. */
  readonly strict?: boolean;
}

/** What a model and a checkpoint do not have in common, by name. */
export interface WeightsDifference {
  /** Not in the checkpoint; as they were. */
  readonly missing: readonly string[];
  /** In the checkpoint alone. */
  readonly unexpected: readonly string[];
  /** Of another shape there; as they were. */
  readonly otherShape: readonly string[];
}

/**
 * Sets all of a module's weights, also those that are not trained, to a checkpoint's.
 *
 * Not strict, a weight is looked for among all of the checkpoint's, trained there or not.
 *
 * @returns what was left out; nothing if strict
 * @throws {InputError} when the checkpoint is damaged or, if strict, of another model
 */
export function restoreWeights(
  module: WithWeights,
  checkpoint: string,
  { strict = true }: RestoreWeightsOptions = {},
): WeightsDifference {
  verifyCheckpoint(checkpoint);
  if (!strict) return restoreWhatFits(module, checkpoint);
  const others = module.otherState?.() ?? new Map();
  assignVariables(
    "parameters",
    module.trainableParameters(),
    readTensors(checkpoint, "parameters"),
  );
  assignVariables("otherState", others, readTensors(checkpoint, "otherState"));
  return { missing: [], unexpected: [], otherShape: [] };
}

function restoreWhatFits(module: WithWeights, checkpoint: string): WeightsDifference {
  const variables = new Map<string, tf.Variable>([
    ...module.trainableParameters(),
    ...(module.otherState?.() ?? []),
  ]);
  const stored = new Map([
    ...readTensors(checkpoint, "parameters"),
    ...readTensors(checkpoint, "otherState"),
  ]);
  const [missing, otherShape]: [string[], string[]] = [[], []];
  for (const [name, variable] of variables) {
    const tensor = stored.get(name);
    if (!tensor) missing.push(name);
    else if (!sameShape(variable.shape, tensor.shape)) otherShape.push(name);
    else assignVariable(variable, tensor);
  }
  const unexpected = [...stored.keys()].filter((name) => !variables.has(name));
  return { missing, unexpected, otherShape };
}

/** One line, for the log; undefined when there is no difference. */
export function describeDifference(difference: WeightsDifference): string | undefined {
  const { missing, unexpected, otherShape } = difference;
  const parts = Object.entries({
    "not in it": missing,
    "only in it": unexpected,
    "of another shape in it": otherShape,
  }).filter(([, names]) => names.length > 0);
  if (parts.length === 0) return undefined;
  return parts.map(([what, names]) => `${what}: ${names.join(", ")}`).join("; ");
}
