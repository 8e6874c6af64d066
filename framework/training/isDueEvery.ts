import { passesMultiple } from "../base/interval.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Whether a multiple of `n` optimizer steps was reached with the last update, which may count for
 * several steps: for callbacks that do something every n steps.
 *
 * @param since step to count from
 */
export function isDueEvery(n: number, state: TrainerState, since = 0): boolean {
  const steps = state.step - since;
  return passesMultiple(n, steps - state.stepsTaken, steps);
}
