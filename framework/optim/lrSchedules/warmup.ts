import type { LrSchedule } from "../lrSchedule.ts";

/** The options of schedules that can begin with a warm-up, as JSON schema. */
export const warmupProperties: Readonly<Record<string, object>> = {
  warmupSteps: {
    description:
      "Steps over which the factor rises linearly: 1 / warmupSteps at the first, 1 at the last.",
    type: "integer",
    minimum: 0,
    default: 0,
  },
};

export const totalStepsProperty: object = {
  description:
    "Steps until the end of the schedule, warm-up included; those of the run when left out.",
  type: "integer",
  minimum: 1,
};

/** The options of schedules that end, as JSON schema. */
export const decayProperties: Readonly<Record<string, object>> = {
  ...warmupProperties,
  totalSteps: totalStepsProperty,
  endFactor: {
    description: "Factor on the learning rate at the end and after it.",
    type: "number",
    minimum: 0,
    default: 0,
  },
};

/** Linear rise over the first `warmupSteps` steps; after them `schedule`, counted from there. */
export function withWarmup(warmupSteps: number, schedule: LrSchedule): LrSchedule {
  return (step) => (step < warmupSteps ? (step + 1) / warmupSteps : schedule(step - warmupSteps));
}

export interface DecayOptions {
  warmupSteps: number;
  totalSteps: number;
  endFactor: number;
}

/**
 * A schedule that goes from 1 to `endFactor`.
 *
 * @param shape falls from 1 at progress 0 to 0 at progress 1
 */
export function decaySchedule(
  { warmupSteps, totalSteps, endFactor }: DecayOptions,
  shape: (progress: number) => number,
): LrSchedule {
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  return withWarmup(warmupSteps, (step) => {
    const progress = Math.min(1, step / decaySteps);
    return endFactor + (1 - endFactor) * shape(progress);
  });
}

/** Half a cosine from 1 at progress 0 to 0 at progress 1. */
export function halfCosine(progress: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * progress));
}
