import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { warmupProperties, withWarmup } from "./warmup.ts";

export interface InverseSquareRootOptions {
  warmupSteps: number;
  timescaleSteps: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...warmupProperties,
    timescaleSteps: {
      description: "Steps after the warm-up until the factor is 1 / sqrt(2).",
      type: "integer",
      minimum: 1,
      default: 1000,
    },
  },
};

/** `1 / sqrt(1 + step / timescaleSteps)`: needs no end, so training can always go on. */
export function inverseSquareRoot(options: Partial<InverseSquareRootOptions> = {}): LrSchedule {
  const { warmupSteps, timescaleSteps } = readOptions<InverseSquareRootOptions>(
    "inverseSquareRoot",
    optionsSchema,
    options,
  );
  return withWarmup(warmupSteps, (step) => 1 / Math.sqrt(1 + step / timescaleSteps));
}
