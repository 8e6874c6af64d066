import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { l2Penalty, learningRate as learningRateProperty } from "./commonProperties.ts";
import { penalized, Slots } from "./slots.ts";

export interface SgdOptions {
  learningRate: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    learningRate: learningRateProperty,
    momentum: {
      description: "Share of the last update that is kept; 0 keeps no state.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
    },
    nesterov: {
      description: "Looks ahead along the momentum before stepping.",
      type: "boolean",
      default: false,
    },
    weightDecay: l2Penalty,
  },
};

/**
 * Stochastic gradient descent, with momentum as in PyTorch: the learning rate multiplies the
 * accumulated velocity, so a change of the rate acts at once.
 */
export function sgd(options: Partial<SgdOptions> = {}): Optimizer {
  const { learningRate, momentum, nesterov, weightDecay } = readOptions<SgdOptions>(
    "sgd",
    optionsSchema,
    options,
  );
  const slots = new Slots(momentum > 0 ? ["momentum"] : []);

  /** The direction to step along; with momentum it also updates the velocity. */
  function direction(gradient: tf.Tensor, key: string): tf.Tensor {
    if (momentum === 0) return gradient;
    const velocity = slots.get("momentum", key);
    const next = velocity.mul(momentum).add(gradient);
    velocity.assign(next);
    return nesterov ? gradient.add(next.mul(momentum)) : next;
  }

  return {
    name: "sgd",
    learningRate,
    momentum,
    weightDecay,
    initialize: (parameters, make) => slots.initialize(parameters, make),
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (_step, rate) => ({ learningRate: rate }),
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        for (const { key, parameter, gradient: raw } of slots.scaled(gradients, gradientScale)) {
          const gradient = penalized(raw, parameter, weightDecay);
          const step = direction(gradient, key).mul(hyperparameters["learningRate"]!);
          parameter.assign(parameter.sub(step));
        }
      }),
  };
}
