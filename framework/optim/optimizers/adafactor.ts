import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { Slots } from "./slots.ts";

export interface AdafactorOptions {
  learningRate?: number;
  relativeStep: boolean;
  warmupInit: boolean;
  scaleParameter: boolean;
  /** Added to squared gradients; least root mean square of a parameter for the step size. */
  epsilons: [number, number];
  clipThreshold: number;
  decayRate: number;
  /** Decay rate of the first moment; 0 keeps none. */
  beta1: number;
  weightDecay: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    learningRate: {
      description:
        "Step size before the learning-rate schedule, default 0.001; with `relativeStep` a factor on the step size, default 1.",
      type: "number",
      minimum: 0,
    },
    relativeStep: {
      description: "Step size min(0.01, 1 / sqrt(step)).",
      type: "boolean",
      default: true,
    },
    warmupInit: {
      description: "With `relativeStep`: from 1e-6 up, min(1e-6 step, 1 / sqrt(step)).",
      type: "boolean",
      default: false,
    },
    scaleParameter: {
      description: "Multiplies the step size by the parameter's root mean square.",
      type: "boolean",
      default: true,
    },
    epsilons: {
      description:
        "Added to squared gradients; least root mean square of a parameter for `scaleParameter`.",
      type: "array",
      items: { type: "number", minimum: 0 },
      minItems: 2,
      maxItems: 2,
      default: [1e-30, 0.001],
    },
    clipThreshold: {
      description: "Largest root mean square of a parameter's update before the step size.",
      type: "number",
      exclusiveMinimum: 0,
      default: 1,
    },
    decayRate: {
      description: "The second moment decays by 1 - step ** decayRate.",
      type: "number",
      maximum: 0,
      default: -0.8,
    },
    beta1: {
      description: "Decay rate of the first moment; 0 keeps none.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
    },
    weightDecay: {
      description: "Share of a weight that is taken away per step, times its step size.",
      type: "number",
      minimum: 0,
      default: 0,
    },
  },
};

type Slot = "rowMoment" | "columnMoment" | "secondMoment" | "firstMoment";

/**
 * Adafactor: of a matrix' second moment only the means of rows and columns are kept.
 *
 * Source: Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 and 5, in the form of the
 * transformers library: the last two axes are factored, also those of a convolution's filter.
 */
export function adafactor(options: Partial<AdafactorOptions> = {}): Optimizer {
  const settings = readOptions<AdafactorOptions>("adafactor", optionsSchema, options);
  const { relativeStep, warmupInit, scaleParameter, decayRate, beta1, weightDecay } = settings;
  const [squareEpsilon, leastScale] = settings.epsilons;
  const { clipThreshold, learningRate = relativeStep ? 1 : 0.001 } = settings;
  const slots = new Slots<Slot>(
    ["rowMoment", "columnMoment", "secondMoment", "firstMoment"],
    (slot, { shape, dtype }) => {
      const kept = shapeOf(slot, shape);
      return kept && { shape: kept, dtype };
    },
  );

  /** The shape of a state, if it is kept. */
  function shapeOf(slot: Slot, shape: number[]): number[] | undefined {
    const factored = shape.length >= 2;
    switch (slot) {
      case "rowMoment":
        return factored ? shape.slice(0, -1) : undefined;
      case "columnMoment":
        return factored ? shape.toSpliced(-2, 1) : undefined;
      case "secondMoment":
        return factored ? undefined : shape;
      case "firstMoment":
        return beta1 > 0 ? shape : undefined;
      default:
        return slot satisfies never;
    }
  }

  /** The state's decayed mean, which also becomes the state. */
  function average(slot: Slot, key: string, value: tf.Tensor, share: tf.Scalar): tf.Tensor {
    const state = slots.get(slot, key);
    const next = state.add(value.sub(state).mul(share));
    state.assign(next);
    return next;
  }

  /** The gradient divided by the root of its second moment. */
  function normalise(gradient: tf.Tensor, key: string, share: tf.Scalar): tf.Tensor {
    const square = gradient.square().add(squareEpsilon);
    if (gradient.rank < 2) return gradient.mul(average("secondMoment", key, square, share).rsqrt());
    const row = average("rowMoment", key, square.mean(-1), share);
    const column = average("columnMoment", key, square.mean(-2), share);
    const rowFactor = row.div(row.mean(-1, true)).rsqrt().expandDims(-1);
    return gradient.mul(rowFactor).mul(column.rsqrt().expandDims(-2));
  }

  return {
    name: "adafactor",
    learningRate,
    momentum: beta1,
    weightDecay,
    initialize: (parameters, make) => slots.initialize(parameters, make),
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (step, rate) => {
      const first = warmupInit ? 1e-6 * step : 1e-2;
      return {
        learningRate: relativeStep ? rate * Math.min(first, 1 / Math.sqrt(step)) : rate,
        share: step ** decayRate,
      };
    },
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        const rate = hyperparameters["learningRate"]!;
        const share = hyperparameters["share"]!;
        for (const { key, parameter, gradient } of slots.scaled(gradients, gradientScale)) {
          const update = normalise(gradient, key, share);
          const excess = rms(update).div(clipThreshold).maximum(1);
          const size = scaleParameter ? rate.mul(rms(parameter).maximum(leastScale)) : rate;
          const move = update.mul(size.div(excess));
          const smooth = beta1 > 0 ? average("firstMoment", key, move, tf.scalar(1 - beta1)) : move;
          const step = weightDecay > 0 ? smooth.add(parameter.mul(size.mul(weightDecay))) : smooth;
          parameter.assign(parameter.sub(step));
        }
      }),
  };
}

/** Root mean square of all elements. */
function rms(x: tf.Tensor): tf.Tensor {
  return x.square().mean().sqrt();
}
