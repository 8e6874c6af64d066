import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { warmupProperties, withWarmup } from "./warmup.ts";

export interface MultiStepOptions {
  warmupSteps: number;
  milestones: readonly number[];
  gamma: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["milestones"],
  properties: {
    ...warmupProperties,
    milestones: {
      description: "Steps, counted from the start, from which the factor is multiplied by gamma.",
      type: "array",
      items: { type: "integer", minimum: 1 },
      uniqueItems: true,
    },
    gamma: {
      description: "Factor at each milestone.",
      type: "number",
      exclusiveMinimum: 0,
      default: 0.1,
    },
  },
};

/** Multiplies the rate by `gamma` at each milestone. */
export function multiStep(
  options: Partial<MultiStepOptions> & { milestones: readonly number[] },
): LrSchedule {
  const { warmupSteps, milestones, gamma } = readOptions<MultiStepOptions>(
    "multiStep",
    optionsSchema,
    options,
  );
  return withWarmup(warmupSteps, (sinceWarmup) => {
    const step = sinceWarmup + warmupSteps;
    return gamma ** milestones.filter((milestone) => step >= milestone).length;
  });
}
