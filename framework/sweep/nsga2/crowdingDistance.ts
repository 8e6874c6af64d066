import type { Objectives } from "../analysis/paretoFront.ts";

/**
 * How far the neighbours of each point of a front are from each other: the sum over the objectives, each
 * in parts of the front's range. Ends are infinitely far; an objective in which all are equal says nothing.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II", section III-B.
 *
 * @param front finite or infinite numbers, no NaN
 */
export function crowdingDistance(front: readonly Objectives[]): number[] {
  const distances = front.map(() => 0);
  for (let objective = 0; objective < (front[0]?.length ?? 0); objective++) {
    const valueOf = (i: number): number => front[i]![objective]!;
    const order = front.map((_, i) => i).sort((a, b) => compare(valueOf(a), valueOf(b)) || a - b);
    const [first, last] = [order[0]!, order.at(-1)!];
    const range = valueOf(last) - valueOf(first);
    if (range === 0) continue;
    for (const [rank, i] of order.entries()) {
      const [left, right] = [order[rank - 1], order[rank + 1]];
      if (left === undefined || right === undefined) distances[i] = Infinity;
      else if (Number.isFinite(range)) distances[i]! += (valueOf(right) - valueOf(left)) / range;
    }
  }
  return distances;
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
