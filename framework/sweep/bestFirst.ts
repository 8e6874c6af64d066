import type { Observation } from "./searcher.ts";

/** The best by the first objective first, the earlier of equal ones, NaN last. */
export function bestFirst(observations: readonly Observation[]): Observation[] {
  const rank = ({ values: [value = 0] }: Observation): number =>
    Number.isNaN(value) ? Infinity : value;
  return [...observations].sort((a, b) => compare(rank(a), rank(b)) || a.index - b.index);
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
