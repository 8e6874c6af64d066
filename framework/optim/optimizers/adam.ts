import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { adamFamily, type AdamOptions } from "./adamFamily.ts";
import { adamProperties } from "./adamProperties.ts";
import { l2Penalty } from "./commonProperties.ts";
import { penalized } from "./slots.ts";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...adamProperties,
    weightDecay: l2Penalty,
  },
};

/**
 * Adam; weight decay, if any, is an L2 penalty in the gradient.
 *
 * Source: Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1.
 */
export function adam(options: Partial<AdamOptions> = {}): Optimizer {
  const settings = readOptions<AdamOptions>("adam", optionsSchema, options);
  return adamFamily("adam", settings, {
    decoupled: false,
    gradient: (gradient, parameter) => penalized(gradient, parameter, settings.weightDecay),
    parameter: (parameter) => parameter,
  });
}
