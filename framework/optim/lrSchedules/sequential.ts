import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import { schedulesProperty, type Composition, type ScheduleSection } from "./composition.ts";

export interface SequentialOptions {
  schedules: readonly ScheduleSection[];
  milestones: readonly number[];
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["schedules", "milestones"],
  properties: {
    schedules: schedulesProperty,
    milestones: {
      description: "The step at which each schedule but the first begins; it counts from there.",
      type: "array",
      items: { type: "integer", minimum: 1 },
    },
  },
};

/**
 * One schedule after the other. One that ends and does not say where ends at the next milestone,
 * the last one with the run.
 */
export function sequential(
  options: SequentialOptions,
  { totalSteps, create }: Composition,
): LrSchedule {
  const { schedules, milestones } = readOptions<SequentialOptions>(
    "sequential",
    optionsSchema,
    options,
  );
  checkMilestones(schedules.length, milestones);
  const starts = [0, ...milestones];
  const parts = schedules.map((section, i) => {
    const end = milestones[i] ?? totalSteps;
    return create(section, end === undefined ? undefined : Math.max(1, end - starts[i]!));
  });
  return (step) => {
    const current = starts.findLastIndex((start) => step >= start);
    return parts[current]!(step - starts[current]!);
  };
}

function checkMilestones(schedules: number, milestones: readonly number[]): void {
  const increasing = milestones.every((step, i) => i === 0 || step > milestones[i - 1]!);
  if (increasing && milestones.length === schedules - 1) return;
  throw new RangeError(
    `Cannot build sequential: expected ${schedules - 1} increasing milestones for ${schedules} schedules, got [${milestones.join(", ")}]`,
  );
}
