/** @file What a manual step is given to work with. */
import type * as tf from "@tensorflow/tfjs";

import { lossGradients, unscaled } from "./gradients.ts";
import type { GradientsOf } from "./manualCuts.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import type { StepOptimizer } from "./stepContext.ts";

/** Gradients of a loss, by way of those of the loss times `lossScale`, if there is one. */
export function gradientsAt(lossScale?: tf.Scalar): GradientsOf {
  return (loss, parameters) => {
    const { outputs, gradients } = lossGradients(
      () => ({ loss: loss() }),
      parameters,
      (value) => (lossScale ? value.mul<tf.Scalar>(lossScale) : value),
    );
    return { loss: outputs.loss, gradients: unscaled(gradients, lossScale) };
  };
}

/** @param step what happens to gradients, in the place of an update or to make one */
export function stepOptimizer(
  { name, parameters }: OptimizerSlot,
  gradients: GradientsOf,
  step: StepOptimizer["step"],
): StepOptimizer {
  return {
    name,
    parameters,
    step,
    minimize(loss) {
      const result = gradients(loss, parameters);
      step(result.gradients);
      return result.loss;
    },
  };
}
