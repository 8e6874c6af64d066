import { dominates, type Objectives } from "../analysis/paretoFront.ts";

/**
 * Points in fronts: the first one is that of all points, each further one that of what is left without
 * those before it.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II", section III-A.
 *
 * @returns indices of the points, the best front first, each in order
 */
export function nonDominatedSort(points: readonly Objectives[]): number[][] {
  const worse = points.map(() => new Array<number>());
  const betterCount = points.map(() => 0);
  for (const [i, one] of points.entries()) {
    for (let j = 0; j < i; j++) {
      const [over, under] = dominates(one, points[j]!) ? [i, j] : [j, i];
      if (under === i && !dominates(points[j]!, one)) continue;
      worse[over]!.push(under);
      betterCount[under]!++;
    }
  }
  const fronts: number[][] = [];
  let front = betterCount.flatMap((count, i) => (count === 0 ? [i] : []));
  while (front.length > 0) {
    fronts.push(front);
    const freed = front.flatMap((i) => worse[i]!.filter((j) => --betterCount[j]! === 0));
    front = freed.sort((a, b) => a - b);
  }
  return fronts;
}
