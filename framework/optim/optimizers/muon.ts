import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { adamProperties } from "./adamProperties.ts";
import { adamW } from "./adamW.ts";
import { decoupledWeightDecay } from "./commonProperties.ts";
import { readPattern } from "./readPattern.ts";
import { Slots } from "./slots.ts";

export interface MuonOptions {
  learningRate: number;
  /** Share of the averaged gradient that is kept per step. */
  momentum: number;
  nesterov: boolean;
  /** Newton-Schulz iterations. */
  iterations: number;
  /** Decay rates of AdamW's moments. */
  betas: [number, number];
  /** Of AdamW. */
  epsilon: number;
  weightDecay: number;
  /** Regular expression of parameters that AdamW has although they are matrices. */
  adamW: string;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...adamProperties,
    momentum: {
      description: "Share of a matrix' averaged gradient that is kept per step.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.95,
    },
    nesterov: {
      description: "Mixes the gradient into the average once more before it is orthogonalised.",
      type: "boolean",
      default: true,
    },
    iterations: {
      description: "Newton-Schulz iterations.",
      type: "integer",
      minimum: 1,
      default: 5,
    },
    weightDecay: decoupledWeightDecay(0.1),
    adamW: {
      description:
        "Regular expression that is looked for in the names of matrices: those it finds learn with AdamW, as do all parameters that are no matrices. Tables of words and the last layer belong here.",
      type: "string",
      minLength: 1,
      default: "embed|lm_head",
    },
  },
};

/** Of the quintic that each iteration applies to singular values. */
const [linear, cubic, quintic] = [3.4445, -4.775, 2.0315];

/** Root mean square of AdamW's usual update, which Muon's is made to have. */
const updateRms = 0.2;

/**
 * Muon: matrices move along their averaged gradient with all singular values brought near 1, other
 * parameters as AdamW moves them. The update's size is that of AdamW's, so that both share the
 * learning rate and the weight decay.
 *
 * Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; the size
 * by Liu et al. 2025, arXiv:2502.16982, section 2.2.
 */
export function muon(options: Partial<MuonOptions> = {}): Optimizer {
  const settings = readOptions<MuonOptions>("muon", optionsSchema, options);
  const { learningRate, momentum, nesterov, iterations, betas, epsilon, weightDecay } = settings;
  const pattern = readPattern("muon", "adamW", settings.adamW);
  const slots = new Slots(["momentum"]);
  const others = adamW({ learningRate, betas, epsilon, weightDecay });

  const isOwn = (name: string, { rank }: tf.Tensor): boolean => rank === 2 && !pattern.test(name);

  function parted<T extends tf.Tensor>(named: ReadonlyMap<string, T>) {
    const entries = [...named];
    return {
      own: new Map(entries.filter(([name, tensor]) => isOwn(name, tensor))),
      rest: new Map(entries.filter(([name, tensor]) => !isOwn(name, tensor))),
    };
  }

  return {
    name: "muon",
    learningRate,
    momentum,
    weightDecay,
    initialize(parameters, make) {
      const { own, rest } = parted(parameters);
      slots.initialize(own, make);
      others.initialize(rest, make);
    },
    state: () => new Map([...slots.state, ...others.state()]),
    hyperparameters: (step, rate) => others.hyperparameters(step, rate),
    apply(gradients, hyperparameters, gradientScale) {
      const { own, rest } = parted(gradients);
      others.apply(rest, hyperparameters, gradientScale);
      const rate = hyperparameters["learningRate"]!;
      tf.tidy(() => {
        for (const { key, parameter, gradient } of slots.scaled(own, gradientScale)) {
          const average = slots.get("momentum", key);
          const next = average.mul(momentum).add(gradient.mul(1 - momentum));
          const ahead = nesterov ? next.mul(momentum).add(gradient.mul(1 - momentum)) : next;
          const size = updateRms * Math.sqrt(Math.max(...parameter.shape));
          const step = orthogonalised(ahead, iterations).mul(rate.mul(size));
          const kept = parameter.mul(rate.mul(-weightDecay).add(1));
          parameter.assign(kept.sub(step));
          average.assign(next);
        }
      });
    },
    dispose() {
      slots.dispose();
      others.dispose();
    },
  };
}

/**
 * A matrix of nearly the same singular vectors, with singular values in about [0.7, 1.2] but for
 * those that are small beside the largest: a few iterations do not bring them up.
 *
 * @param matrix `[m, n]`
 */
function orthogonalised(matrix: tf.Tensor, iterations: number): tf.Tensor {
  const [rows = 0, columns = 0] = matrix.shape;
  const isTall = rows > columns;
  const norm = matrix.square().sum().sqrt().maximum(1e-7);
  let x: tf.Tensor = (isTall ? matrix.transpose() : matrix).div(norm);
  for (let i = 0; i < iterations; i++) {
    const square = tf.matMul(x, x, false, true);
    const factor = square.mul(cubic).add(tf.matMul(square, square).mul(quintic));
    x = x.mul(linear).add(tf.matMul(factor, x));
  }
  return isTall ? x.transpose() : x;
}
