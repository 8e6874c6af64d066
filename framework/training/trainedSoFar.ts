import type { IntervalCounters } from "../base/interval.ts";
import type { TrainerState } from "./trainerState.ts";

/** What was trained when a step is done with: in hooks of validations, epoch ends and checkpoints. */
export const trainedSoFar = ({
  step,
  epoch,
  epochEnded,
  estimatedSteps,
}: TrainerState): IntervalCounters => ({
  steps: step,
  epochs: epochEnded ? epoch + 1 : epoch,
  totalSteps: estimatedSteps,
});
