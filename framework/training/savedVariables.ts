import type * as tf from "@tensorflow/tfjs";

import type { Callback } from "./callback.ts";
import type { CheckpointTensors } from "./checkpoint.ts";
import type { RunningOptimizer, TrainerState } from "./trainerState.ts";
import type { NamedVariables } from "./trainingModule.ts";

/** All variables of a fit that a checkpoint holds, by its files. */
export type SavedVariables = Readonly<Record<keyof CheckpointTensors, NamedVariables>>;

export function savedVariables(
  { module, optimizers }: Pick<TrainerState, "module" | "optimizers">,
  callbacks: readonly Callback[],
): SavedVariables {
  return {
    parameters: module.trainableParameters(),
    optimizer: stateOf(optimizers),
    otherState: module.otherState?.() ?? new Map(),
    callbacks: new Map(
      callbacks.flatMap((callback) =>
        callback.stateKey === undefined
          ? []
          : below(callback.stateKey, callback.stateVariables?.()),
      ),
    ),
  };
}

/** Of a single optimizer as it is; of several, below their names. */
function stateOf(optimizers: readonly RunningOptimizer[]): NamedVariables {
  const [only, ...others] = optimizers;
  if (only && others.length === 0) return only.optimizer.state();
  return new Map(optimizers.flatMap(({ name, optimizer }) => below(name, optimizer.state())));
}

const below = (folder: string, variables: NamedVariables = new Map()): [string, tf.Variable][] =>
  Array.from(variables, ([name, variable]) => [`${folder}/${name}`, variable]);
