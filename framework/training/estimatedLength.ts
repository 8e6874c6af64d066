import { epochSpans, epochsOf, stepsIn, type EpochSpan } from "./accumulationSchedule.ts";
import type { FitState } from "./fitState.ts";
import { stepsPerEpoch } from "./schedule.ts";

/** Steps of a fit that runs to its end. */
export function estimatedSteps(state: FitState): number {
  const { maxSteps, maxEpochs } = state.settings;
  return Math.min(maxSteps, stepsIn(spansOf(state), maxEpochs));
}

/** Epochs of a fit that runs to its end. */
export function estimatedEpochs(state: FitState): number {
  const { maxSteps, maxEpochs } = state.settings;
  return Math.min(maxEpochs, epochsOf(spansOf(state), maxSteps));
}

/** How many steps there are in which epochs. */
function spansOf(state: FitState): readonly EpochSpan[] {
  const { batchesPerEpoch, accumulateGradBatches, accumulationSchedule, trialParts } = state;
  const stepsPerUpdate = trialParts?.batchStep.stepsPerUpdate ?? 1;
  const schedule = accumulationSchedule ?? [{ epoch: 0, batches: accumulateGradBatches }];
  return epochSpans(
    schedule,
    (batches) => stepsPerEpoch(batchesPerEpoch, batches) * stepsPerUpdate,
  );
}
