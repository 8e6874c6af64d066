import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { decayProperties, decaySchedule, type DecayOptions } from "./warmup.ts";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["totalSteps"],
  properties: decayProperties,
};

/** A straight line from 1 down to `endFactor`. */
export function linear(options: Partial<DecayOptions> & { totalSteps: number }): LrSchedule {
  const settings = readOptions<DecayOptions>("linear", optionsSchema, options);
  return decaySchedule(settings, (progress) => 1 - progress);
}
