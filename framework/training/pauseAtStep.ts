import type { Callback } from "./callback.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Asks for a pause once so many optimizer steps are done, all that follows the step included. A fit
 * that ends there by itself is not paused, and one that is resumed there is paused before its next step.
 *
 * @param pause aborts the fit's signal, which saves a checkpoint
 */
export function pauseAtStep(step: number, pause: () => void): Callback {
  const look = (state: TrainerState): void => {
    if (state.step >= step && !state.ending) pause();
  };
  return {
    name: "pauseAtStep",
    onTrainStart: look,
    wantsCheckpoint(state) {
      look(state);
      return false;
    },
  };
}
