import type { Interval } from "../base/interval.ts";
import type { Callback } from "./callback.ts";
import { isDueEvery } from "./isDueEvery.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Hooks of a callback that does something now and then while training.
 *
 * @param every optimizer steps, or an interval; null: after each validation, when callbacks that
 * monitor have not yet looked at its metrics
 */
export function hooksEvery(
  every: number | Interval | null,
  work: (state: TrainerState) => Promise<void>,
): Pick<Callback, "onTrainBatchEnd" | "onValidationEnd"> {
  if (every === null) {
    return {
      async onValidationEnd(state) {
        if (state.task === "fit" && state.stage === "validate") await work(state);
      },
    };
  }
  return {
    async onTrainBatchEnd(state) {
      if (state.stepFinished && isDueEvery(every, state)) await work(state);
    },
  };
}
