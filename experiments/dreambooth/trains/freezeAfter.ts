import {
  hasPassed,
  readEvery,
  trainedSoFar,
  type Callback,
  type Interval,
  type TrainerState,
} from "seedbed";

/**
 * Ends the training of a part while that of others goes on: from then on its gradients are not
 * computed, and its parameters and their moments keep their bits. Counted from the start of the
 * training, so that a resumed run freezes at the same step. Logs `train/<part>Trains`, 1 and then 0.
 *
 * @param until optimizer steps that the part is trained for, or an interval
 * @param prefix how names of the part's parameters begin
 */
export function freezeAfter(part: string, prefix: string, until: number | string): Callback {
  const every = readEvery(until);
  const interval: Interval = typeof every === "number" ? { count: every, unit: "steps" } : every;
  const isFrozen = ({ stagedGroups }: TrainerState): boolean => stagedGroups.has(part);
  return {
    name: `freezeAfter(${part})`,
    onTrainBatchStart(state) {
      if (isFrozen(state) || !hasPassed(interval, trainedSoFar(state))) return;
      const names = [...state.module.trainableParameters().keys()];
      const parameters = new Set(names.filter((name) => name.startsWith(prefix)));
      state.stagedGroups.set(part, { parameters });
      state.print(`${part} is frozen from step ${state.step} on: ${parameters.size} parameters`);
    },
    onTrainBatchEnd(state) {
      if (state.isLoggingStep) state.log(`train/${part}Trains`, isFrozen(state) ? 0 : 1);
    },
  };
}
