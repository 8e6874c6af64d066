import type { Observation } from "./searcher.ts";

/**
 * The best by the first objective first, the earlier of equal ones, NaN last. Those that were stopped
 * early come after all that were not, the one that got farthest first: values of different steps say
 * little of each other.
 *
 * Source: the order in which Optuna 5.0's TPE takes pruned trials.
 */
export function bestFirst(observations: readonly Observation[]): Observation[] {
  const rank = ({ values: [value = 0] }: Observation): number =>
    Number.isNaN(value) ? Infinity : value;
  const reached = ({ stoppedAt = Infinity }: Observation): number => -stoppedAt;
  return [...observations].sort(
    (a, b) => compare(reached(a), reached(b)) || compare(rank(a), rank(b)) || a.index - b.index,
  );
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
