import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { warmupProperties, withWarmup } from "./warmup.ts";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: warmupProperties,
};

/** The base learning rate throughout, after the warm-up. */
export function constant(options: { warmupSteps?: number } = {}): LrSchedule {
  const { warmupSteps } = readOptions<{ warmupSteps: number }>("constant", optionsSchema, options);
  return withWarmup(warmupSteps, () => 1);
}
