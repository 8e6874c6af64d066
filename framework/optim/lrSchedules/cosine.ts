import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { decayProperties, decaySchedule, halfCosine, type DecayOptions } from "./warmup.ts";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["totalSteps"],
  properties: decayProperties,
};

/**
 * Half a cosine from 1 down to `endFactor`, without restarts.
 *
 * Source: Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5 with one period.
 */
export function cosine(options: Partial<DecayOptions> & { totalSteps: number }): LrSchedule {
  const settings = readOptions<DecayOptions>("cosine", optionsSchema, options);
  return decaySchedule(settings, halfCosine);
}
