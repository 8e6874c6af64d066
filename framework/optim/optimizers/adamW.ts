import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { adamFamily, type AdamOptions } from "./adamFamily.ts";
import { adamProperties } from "./adamProperties.ts";
import { decoupledWeightDecay } from "./commonProperties.ts";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...adamProperties,
    weightDecay: decoupledWeightDecay(0.01),
  },
};

/**
 * Adam with decoupled weight decay.
 *
 * Source: Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2, with PyTorch's convention that
 * the decay is multiplied by the learning rate.
 */
export function adamW(options: Partial<AdamOptions> = {}): Optimizer {
  const settings = readOptions<AdamOptions>("adamW", optionsSchema, options);
  return adamFamily("adamW", settings, {
    decoupled: true,
    gradient: (gradient) => gradient,
    parameter: (parameter, learningRate) =>
      settings.weightDecay === 0
        ? parameter
        : parameter.mul(learningRate.mul(-settings.weightDecay).add(1)),
  });
}
