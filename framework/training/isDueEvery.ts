import { passesMultiple, type Interval } from "../base/interval.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Whether a multiple of `every` was reached with the last update, which may count for several
 * steps: for callbacks that do something now and then.
 *
 * @param every optimizer steps, or an interval
 * @param since step to count from; not for intervals
 */
export function isDueEvery(every: number | Interval, state: TrainerState, since = 0): boolean {
  if (typeof every !== "number") return state.isDue(every);
  const steps = state.step - since;
  return passesMultiple(every, steps - state.stepsTaken, steps);
}
