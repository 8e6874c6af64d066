import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { epsilonOf, l2Penalty, learningRate as learningRateProperty } from "./commonProperties.ts";
import { penalized, Slots } from "./slots.ts";

export interface RmsPropOptions {
  learningRate: number;
  /** Decay rate of the moments. */
  alpha: number;
  epsilon: number;
  momentum: number;
  centered: boolean;
  weightDecay: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    learningRate: { ...learningRateProperty, default: 0.01 },
    alpha: {
      description: "Decay rate of the mean of squared gradients, and of gradients if `centered`.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.99,
    },
    epsilon: epsilonOf(1e-8),
    momentum: {
      description: "Share of the last update that is kept; 0 keeps no state for it.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
    },
    centered: {
      description: "Divides by the gradients' deviation in place of their root mean square.",
      type: "boolean",
      default: false,
    },
    weightDecay: l2Penalty,
  },
};

type Slot = "secondMoment" | "firstMoment" | "momentum";

/**
 * RMSprop: gradients divided by the root of their decayed mean square.
 *
 * Source: Tieleman & Hinton 2012, Coursera lecture 6.5, in PyTorch's form: `epsilon` beside the
 * root, momentum on the divided gradient; centered as in Graves 2013, arXiv:1308.0850, eq. 38-45.
 * A variance that rounding made negative counts as 0, where PyTorch gives NaN.
 */
export function rmsProp(options: Partial<RmsPropOptions> = {}): Optimizer {
  const settings = readOptions<RmsPropOptions>("rmsProp", optionsSchema, options);
  const { learningRate, alpha, epsilon, momentum, centered, weightDecay } = settings;
  const slots = new Slots<Slot>([
    "secondMoment",
    ...(centered ? (["firstMoment"] as const) : []),
    ...(momentum > 0 ? (["momentum"] as const) : []),
  ]);

  /** The decayed mean with this value in it, which also becomes the state. */
  function average(slot: Slot, key: string, value: tf.Tensor): tf.Tensor {
    const state = slots.get(slot, key);
    const next = state.add(value.sub(state).mul(1 - alpha)); // the last step reads the state: lanes
    state.assign(next);
    return next;
  }

  function variance(gradient: tf.Tensor, key: string): tf.Tensor {
    const second = average("secondMoment", key, gradient.square());
    if (!centered) return second;
    const first = average("firstMoment", key, gradient);
    return second.sub(first.square()).relu();
  }

  /** The direction to step along; with momentum it is added to what is kept of the last one. */
  function direction(gradient: tf.Tensor, key: string): tf.Tensor {
    const divided = gradient.div(variance(gradient, key).sqrt().add(epsilon));
    if (momentum === 0) return divided;
    const velocity = slots.get("momentum", key);
    const next = velocity.mul(momentum).add(divided);
    velocity.assign(next);
    return next;
  }

  return {
    name: "rmsProp",
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
