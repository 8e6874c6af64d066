import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { warmupProperties, withWarmup } from "./warmup.ts";

export interface StepOptions {
  warmupSteps: number;
  stepSize: number;
  gamma: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["stepSize"],
  properties: {
    ...warmupProperties,
    stepSize: {
      description: "Steps, counted from the start, after which the factor is multiplied by gamma.",
      type: "integer",
      minimum: 1,
    },
    gamma: {
      description: "Factor each time.",
      type: "number",
      exclusiveMinimum: 0,
      default: 0.1,
    },
  },
};

/** Multiplies the rate by `gamma` after every `stepSize` steps. */
export function step(options: Partial<StepOptions> & { stepSize: number }): LrSchedule {
  const { warmupSteps, stepSize, gamma } = readOptions<StepOptions>("step", optionsSchema, options);
  return withWarmup(
    warmupSteps,
    (sinceWarmup) => gamma ** Math.floor((sinceWarmup + warmupSteps) / stepSize),
  );
}
