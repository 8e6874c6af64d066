import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { halfCosine, warmupProperties, withWarmup } from "./warmup.ts";

export interface CosineWithRestartsOptions {
  warmupSteps: number;
  cycleSteps: number;
  cycleFactor: number;
  endFactor: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["cycleSteps"],
  properties: {
    ...warmupProperties,
    cycleSteps: { description: "Length of the first cycle.", type: "integer", minimum: 1 },
    cycleFactor: {
      description: "How many times as long as the one before each cycle is.",
      type: "number",
      minimum: 1,
      default: 1,
    },
    endFactor: {
      description: "Factor on the learning rate that each cycle falls to.",
      type: "number",
      minimum: 0,
      default: 0,
    },
  },
};

/**
 * Half a cosine from 1 down to `endFactor`, then again from 1, without end.
 *
 * Source: Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5; `cycleSteps` is T_0 and `cycleFactor`
 * T_mult.
 */
export function cosineWithRestarts(
  options: Partial<CosineWithRestartsOptions> & { cycleSteps: number },
): LrSchedule {
  const { warmupSteps, cycleSteps, cycleFactor, endFactor } =
    readOptions<CosineWithRestartsOptions>("cosineWithRestarts", optionsSchema, options);
  return withWarmup(warmupSteps, (step) => {
    const progress = cycleProgress(step, cycleSteps, cycleFactor);
    return endFactor + (1 - endFactor) * halfCosine(progress);
  });
}

/** Share of the step's cycle that is over, from 0 to below 1. */
function cycleProgress(step: number, cycleSteps: number, cycleFactor: number): number {
  if (cycleFactor === 1) return (step % cycleSteps) / cycleSteps;
  let start = 0;
  let length = cycleSteps;
  while (step >= start + length) {
    start += length;
    length *= cycleFactor;
  }
  return (step - start) / length;
}
