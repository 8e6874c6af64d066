import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { warmupProperties, withWarmup } from "./warmup.ts";

export interface ExponentialOptions {
  warmupSteps: number;
  gamma: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["gamma"],
  properties: {
    ...warmupProperties,
    gamma: { description: "Factor of each step.", type: "number", exclusiveMinimum: 0 },
  },
};

/** Multiplies the rate by `gamma` at each step after the warm-up. */
export function exponential(options: Partial<ExponentialOptions> & { gamma: number }): LrSchedule {
  const { warmupSteps, gamma } = readOptions<ExponentialOptions>(
    "exponential",
    optionsSchema,
    options,
  );
  return withWarmup(warmupSteps, (step) => gamma ** step);
}
