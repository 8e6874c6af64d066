import type { Objectives } from "./paretoFront.ts";

/**
 * The area that points of two objectives dominate, up to a point that is worse than all of interest:
 * how good they are together.
 *
 * Source: Zitzler & Thiele 1999, "Multiobjective evolutionary algorithms: a comparative case study and
 * the strength Pareto approach".
 *
 * @param points pairs, each number to be made small; those beyond the reference do not count
 */
export function hypervolume(
  points: readonly Objectives[],
  [right, top]: readonly [number, number],
): number {
  const within = points.filter(([a, b]) => a! < right && b! < top);
  let [area, ceiling] = [0, top];
  for (const [a, b] of within.toSorted((one, other) => one[0]! - other[0]!)) {
    if (b! >= ceiling) continue;
    area += (right - a!) * (ceiling - b!);
    ceiling = b!;
  }
  return area;
}
