import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { decayProperties, decaySchedule, type DecayOptions } from "./warmup.ts";

export interface PolynomialOptions extends DecayOptions {
  power: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["totalSteps"],
  properties: {
    ...decayProperties,
    power: {
      description: "Exponent of the decay; 1 is a straight line.",
      type: "number",
      exclusiveMinimum: 0,
      default: 2,
    },
  },
};

/** `(1 - progress) ^ power`, from 1 down to `endFactor`. */
export function polynomial(
  options: Partial<PolynomialOptions> & { totalSteps: number },
): LrSchedule {
  const settings = readOptions<PolynomialOptions>("polynomial", optionsSchema, options);
  return decaySchedule(settings, (progress) => (1 - progress) ** settings.power);
}
