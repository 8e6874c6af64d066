import type * as tf from "@tensorflow/tfjs";

import type { StepContext } from "./stepContext.ts";
import type { BaseModule, NamedVariables, TrainingModule } from "./trainingModule.ts";

/** The part of a module that computes a loss, apart from any fit. */
export interface LossModule {
  trainableParameters(): NamedVariables;
  trainingStep(batch: tf.NamedTensorMap): { loss: tf.Scalar };
}

/** For steps outside of training. */
export const logsNothing: StepContext = { loaderIndex: 0, log: () => {}, logDict: () => {} };

/** Undefined for a module that steps its optimizers itself: it has no one loss. */
export function lossModule(module: BaseModule): LossModule | undefined {
  if (!hasLoss(module)) return undefined;
  return {
    trainableParameters: () => module.trainableParameters(),
    trainingStep: (batch) => module.trainingStep(batch, logsNothing),
  };
}

/**
 * @param what cannot be done otherwise
 * @throws {TypeError} for a module that steps its optimizers itself
 */
export function requireTrainingStep(what: string, module: BaseModule): void {
  if (!("manualTrainingStep" in module)) return;
  throw new TypeError(
    `Cannot ${what}: expected a module with a trainingStep, got one with a manualTrainingStep`,
  );
}

const hasLoss = (module: BaseModule): module is TrainingModule => "trainingStep" in module;
