import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { decoupledWeightDecay } from "./commonProperties.ts";
import { Slots } from "./slots.ts";

/** Kernel that backends may register: the whole update of one parameter at once. */
const fusedKernel = "SeedbedLion";

export interface LionOptions {
  learningRate: number;
  /** Share of the momentum in the direction, and its decay rate. */
  betas: [number, number];
  weightDecay: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    learningRate: {
      description:
        "Step size before the learning-rate schedule; a third to a tenth of what AdamW would have.",
      type: "number",
      minimum: 0,
      default: 0.0001,
    },
    betas: {
      description: "Share of the momentum in the direction, and its decay rate.",
      type: "array",
      items: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
      minItems: 2,
      maxItems: 2,
      default: [0.9, 0.99],
    },
    weightDecay: decoupledWeightDecay(0),
  },
};

/**
 * Lion: every weight moves by the learning rate, along the sign of momentum and gradient mixed.
 *
 * Source: Chen et al. 2023, arXiv:2302.06675, Algorithm 2.
 */
export function lion(options: Partial<LionOptions> = {}): Optimizer {
  const { learningRate, betas, weightDecay } = readOptions<LionOptions>(
    "lion",
    optionsSchema,
    options,
  );
  const [beta1, beta2] = betas;
  const slots = new Slots(["momentum"]);

  function fusedUpdate(inputs: LionInputs, gradientScale = tf.scalar(1)): tf.Tensor[] {
    const named = { ...inputs, gradientScale };
    return tf.engine().runKernel<tf.Tensor[]>(fusedKernel, named, { beta1, beta2 });
  }

  function plainUpdate(inputs: LionInputs, gradientScale?: tf.Scalar): tf.Tensor[] {
    const { parameter, momentum, learningRate: rate, decay } = inputs;
    const gradient = gradientScale ? inputs.gradient.mul(gradientScale) : inputs.gradient;
    const direction = tf.sign(momentum.mul(beta1).add(gradient.mul(1 - beta1)));
    const step = direction.mul(rate).add(parameter.mul(decay));
    const next = momentum.mul(beta2).add(gradient.mul(1 - beta2));
    return [parameter.sub(step), next];
  }

  return {
    name: "lion",
    learningRate,
    momentum: beta1,
    weightDecay,
    initialize: (parameters, make) => slots.initialize(parameters, make),
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (_step, rate) => ({ learningRate: rate, decay: rate * weightDecay }),
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        const update = tf.getKernel(fusedKernel, tf.getBackend()) ? fusedUpdate : plainUpdate;
        const scalars = {
          learningRate: hyperparameters["learningRate"]!,
          decay: hyperparameters["decay"]!,
        };
        for (const [key, gradient] of gradients) {
          const parameter = slots.parameter(key);
          const momentum = slots.get("momentum", key);
          const inputs = { parameter, gradient, momentum, ...scalars };
          const [p, m] = update(inputs, gradientScale);
          parameter.assign(p!);
          momentum.assign(m!);
        }
      }),
  };
}

interface LionInputs {
  parameter: tf.Tensor;
  gradient: tf.Tensor;
  momentum: tf.Tensor;
  learningRate: tf.Scalar;
  decay: tf.Scalar;
}
