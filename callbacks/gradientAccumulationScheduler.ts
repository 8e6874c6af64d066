import {
  readOptions,
  requireTrainingStep,
  type Callback,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface GradientAccumulationSchedulerOptions {
  scheduling: Readonly<Record<string, number>>;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["scheduling"],
  properties: {
    scheduling: {
      type: "object",
      minProperties: 1,
      additionalProperties: false,
      patternProperties: { "^(0|[1-9][0-9]*)$": { type: "integer", minimum: 1 } },
      description:
        'Batches per optimizer step by the epoch, from 0, that they begin with, such as `{ "0": 1, "4": 2 }`; 1 before the first.',
    },
  },
};

/**
 * Changes how many batches an optimizer step accumulates, from epoch to epoch. The Trainer's own
 * `accumulateGradBatches` must be 1.
 */
export function gradientAccumulationScheduler(
  options: Partial<GradientAccumulationSchedulerOptions>,
): Callback {
  const { scheduling } = readOptions<GradientAccumulationSchedulerOptions>(
    "gradientAccumulationScheduler",
    optionsSchema,
    options,
  );
  const schedule = Object.entries(scheduling)
    .map(([epoch, batches]) => ({ epoch: Number(epoch), batches }))
    .toSorted((a, b) => a.epoch - b.epoch);

  return {
    name: "gradientAccumulationScheduler",
    isOnly: true,
    setup(state) {
      if (state.task !== "fit") return;
      check(state);
      state.accumulationSchedule = schedule;
    },
  };
}

function check({ accumulateGradBatches, module }: TrainerState): void {
  requireTrainingStep("schedule gradient accumulation", module);
  if (accumulateGradBatches === 1) return;
  throw new RangeError(
    `Cannot schedule gradient accumulation: expected the Trainer's accumulateGradBatches to be 1, got ${accumulateGradBatches}`,
  );
}
