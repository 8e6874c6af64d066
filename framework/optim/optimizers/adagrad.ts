import * as tf from "@tensorflow/tfjs";

import { putIntoFile } from "../../base/keptInFile.ts";
import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { MakeState, Optimizer } from "../optimizer.ts";
import { epsilonOf, l2Penalty, learningRate as learningRateProperty } from "./commonProperties.ts";
import { penalized, Slots } from "./slots.ts";

export interface AdagradOptions {
  learningRate: number;
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  epsilon: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    learningRate: { ...learningRateProperty, default: 0.01 },
    lrDecay: {
      description: "Divides the learning rate by 1 + lrDecay (step - 1), beside the schedule.",
      type: "number",
      minimum: 0,
      default: 0,
    },
    weightDecay: l2Penalty,
    initialAccumulatorValue: {
      description: "Where the sums of squared gradients start.",
      type: "number",
      minimum: 0,
      default: 0,
    },
    epsilon: epsilonOf(1e-10),
  },
};

/**
 * Adagrad: gradients divided by the root of the sum of all their squares so far.
 *
 * Source: Duchi et al. 2011, JMLR 12, the diagonal form of Figure 1, with PyTorch's options.
 */
export function adagrad(options: Partial<AdagradOptions> = {}): Optimizer {
  const settings = readOptions<AdagradOptions>("adagrad", optionsSchema, options);
  const { learningRate, lrDecay, weightDecay, initialAccumulatorValue, epsilon } = settings;
  const slots = new Slots(["squareSum"]);

  function initialize(parameters: ReadonlyMap<string, tf.Variable>, make?: MakeState): void {
    slots.initialize(parameters, make);
    if (initialAccumulatorValue === 0) return;
    for (const sum of slots.state.values()) {
      tf.tidy(() => sum.assign(tf.fill(sum.shape, initialAccumulatorValue)));
      putIntoFile(sum);
    }
  }

  return {
    name: "adagrad",
    learningRate,
    weightDecay,
    initialize,
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (step, rate) => ({ learningRate: rate / (1 + lrDecay * (step - 1)) }),
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        for (const { key, parameter, gradient: raw } of slots.scaled(gradients, gradientScale)) {
          const gradient = penalized(raw, parameter, weightDecay);
          const squareSum = slots.get("squareSum", key);
          const next = squareSum.add(gradient.square());
          squareSum.assign(next);
          const step = gradient.mul(hyperparameters["learningRate"]!).div(next.sqrt().add(epsilon));
          parameter.assign(parameter.sub(step));
        }
      }),
  };
}
