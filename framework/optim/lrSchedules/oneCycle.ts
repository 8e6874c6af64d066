import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { halfCosine, totalStepsProperty } from "./warmup.ts";

export interface OneCycleOptions {
  totalSteps: number;
  maxFactor: number;
  pctStart: number;
  divFactor: number;
  finalDivFactor: number;
  annealStrategy: "cos" | "linear";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["totalSteps"],
  properties: {
    totalSteps: totalStepsProperty,
    maxFactor: {
      description: "Factor on the learning rate at the peak.",
      type: "number",
      exclusiveMinimum: 0,
      default: 1,
    },
    pctStart: {
      description: "Share of the steps over which the factor rises.",
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.3,
    },
    divFactor: {
      description: "The first factor is `maxFactor` divided by this.",
      type: "number",
      exclusiveMinimum: 0,
      default: 25,
    },
    finalDivFactor: {
      description: "The last factor is the first one divided by this.",
      type: "number",
      exclusiveMinimum: 0,
      default: 10000,
    },
    annealStrategy: {
      description: "Rise and fall as halves of a cosine or as straight lines.",
      enum: ["cos", "linear"],
      default: "cos",
    },
  },
};

/**
 * One rise to `maxFactor` and one fall far below the first factor, which stays after the end.
 *
 * Source: Smith & Topin 2019, arXiv:1708.07120, with PyTorch's two phases and options; momentum is
 * left alone.
 */
export function oneCycle(options: Partial<OneCycleOptions> & { totalSteps: number }): LrSchedule {
  const { totalSteps, maxFactor, pctStart, divFactor, finalDivFactor, annealStrategy } =
    readOptions<OneCycleOptions>("oneCycle", optionsSchema, options);
  const shape = annealStrategy === "cos" ? halfCosine : (progress: number) => 1 - progress;
  const between = (from: number, to: number, progress: number): number =>
    to + (from - to) * shape(progress);
  const first = maxFactor / divFactor;
  const last = first / finalDivFactor;
  const peak = pctStart * totalSteps - 1;
  const fallSteps = totalSteps - 1 - peak;
  return (step) =>
    step < peak
      ? between(first, maxFactor, step / peak)
      : between(maxFactor, last, Math.min(1, (step - peak) / fallSteps));
}
