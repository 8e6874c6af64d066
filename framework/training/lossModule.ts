import type * as tf from "@tensorflow/tfjs";

import type { StepContext } from "./stepContext.ts";
import type { BaseModule, NamedVariables, TrainingModule } from "./trainingModule.ts";

/** The part of a module that computes a loss, apart from any fit. */
export interface LossModule {
  trainableParameters(): NamedVariables;
  trainingStep(batch: tf.NamedTensorMap): { loss: tf.Scalar };
}

const logsNothing: StepContext = { loaderIndex: 0, log: () => {}, logDict: () => {} };

/** Undefined for a module that steps its optimizers itself: it has no one loss. */
export function lossModule(module: BaseModule): LossModule | undefined {
  if (!hasLoss(module)) return undefined;
  return {
    trainableParameters: () => module.trainableParameters(),
    trainingStep: (batch) => module.trainingStep(batch, logsNothing),
  };
}

const hasLoss = (module: BaseModule): module is TrainingModule => "trainingStep" in module;
