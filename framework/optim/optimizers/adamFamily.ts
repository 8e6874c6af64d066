import * as tf from "@tensorflow/tfjs";

import type { Optimizer } from "../optimizer.ts";
import { scaledGradient, Slots } from "./slots.ts";

/** Kernel that backends may register: the whole AdamW update of one parameter at once. */
const fusedKernel = "SeedbedAdamW";

export interface AdamOptions {
  learningRate: number;
  /** Decay rates of the first and the second moment. */
  betas: [number, number];
  epsilon: number;
  weightDecay: number;
}

/** How a member of the family decays weights. */
export interface WeightDecay {
  /** Whether the decay is AdamW's own, so that the fused kernel computes it. */
  readonly decoupled: boolean;
  /** The gradient that enters the moments. */
  gradient(gradient: tf.Tensor, parameter: tf.Tensor): tf.Tensor;
  /** The parameter before the update is subtracted. */
  parameter(parameter: tf.Tensor, learningRate: tf.Scalar): tf.Tensor;
}

/**
 * Adam's moments and step; `decay` tells the family's members apart.
 *
 * Source: Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1, with `epsilon` added after the bias
 * correction of the root as PyTorch does.
 */
export function adamFamily(
  name: string,
  { learningRate, betas, epsilon, weightDecay }: AdamOptions,
  decay: WeightDecay,
): Optimizer {
  const [beta1, beta2] = betas;
  const slots = new Slots(["firstMoment", "secondMoment"]);
  const fits = decay.decoupled || weightDecay === 0;

  function fusedUpdate(inputs: AdamInputs, gradientScale = tf.scalar(1)): tf.Tensor[] {
    const attributes = { beta1, beta2, epsilon, weightDecay };
    const named = { ...inputs, gradientScale };
    return tf.engine().runKernel<tf.Tensor[]>(fusedKernel, named, attributes);
  }

  function plainUpdate(inputs: AdamInputs, gradientScale?: tf.Scalar): tf.Tensor[] {
    const scaled = scaledGradient(inputs.gradient, gradientScale);
    const gradient = decay.gradient(scaled, inputs.parameter);
    const first = inputs.firstMoment.mul(beta1).add(gradient.mul(1 - beta1));
    const second = inputs.secondMoment.mul(beta2).add(gradient.square().mul(1 - beta2));
    const root = second.sqrt().mul(inputs.correction2Sqrt).add(epsilon);
    const size = tf.mul(inputs.learningRate, inputs.correction1);
    const kept = decay.parameter(inputs.parameter, inputs.learningRate);
    return [kept.sub(first.mul(size).div(root)), first, second];
  }

  return {
    name,
    learningRate,
    momentum: beta1,
    weightDecay,
    initialize: (parameters, make) => slots.initialize(parameters, make),
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (step, rate) => ({
      learningRate: rate,
      correction1: 1 / (1 - beta1 ** step),
      correction2Sqrt: 1 / Math.sqrt(1 - beta2 ** step),
    }),
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        const fused = fits && tf.getKernel(fusedKernel, tf.getBackend()) !== undefined;
        const scalars = {
          learningRate: scalar(hyperparameters, "learningRate"),
          correction1: scalar(hyperparameters, "correction1"),
          correction2Sqrt: scalar(hyperparameters, "correction2Sqrt"),
        };
        for (const [key, gradient] of gradients) {
          const parameter = slots.parameter(key);
          const firstMoment = slots.get("firstMoment", key);
          const secondMoment = slots.get("secondMoment", key);
          const inputs = { parameter, gradient, firstMoment, secondMoment, ...scalars };
          const update = fused ? fusedUpdate : plainUpdate;
          const [p, m, v] = update(inputs, gradientScale);
          parameter.assign(p!);
          firstMoment.assign(m!);
          secondMoment.assign(v!);
        }
      }),
  };
}

interface AdamInputs {
  parameter: tf.Tensor;
  gradient: tf.Tensor;
  firstMoment: tf.Tensor;
  secondMoment: tf.Tensor;
  learningRate: tf.Scalar;
  correction1: tf.Scalar;
  correction2Sqrt: tf.Scalar;
}

function scalar(hyperparameters: Readonly<Record<string, tf.Scalar>>, name: string): tf.Scalar {
  const value = hyperparameters[name];
  if (value) return value;
  throw new TypeError(`Cannot update parameters: hyperparameter "${name}" is missing`);
}
