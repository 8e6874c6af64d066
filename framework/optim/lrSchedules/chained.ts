import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { schedulesProperty, type Composition, type ScheduleSection } from "./composition.ts";

export interface ChainedOptions {
  schedules: readonly ScheduleSection[];
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["schedules"],
  properties: { schedules: schedulesProperty },
};

/** The product of several schedules' factors. */
export function chained(options: ChainedOptions, { totalSteps, create }: Composition): LrSchedule {
  const { schedules } = readOptions<ChainedOptions>("chained", optionsSchema, options);
  const parts = schedules.map((section) => create(section, totalSteps));
  return (step) => parts.reduce((product, part) => product * part(step), 1);
}
