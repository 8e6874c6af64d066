/** What a point was worth: a number for each objective, each to be made small. */
export type Objectives = readonly number[];

/**
 * Whether a point is no worse than another in every objective, and better in one. What is NaN is worse
 * than any number.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II", section III.
 */
export function dominates(a: Objectives, b: Objectives): boolean {
  let isBetter = false;
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [comparable(a[i]!), comparable(b[i]!)];
    if (one > other) return false;
    if (one < other) isBetter = true;
  }
  return isBetter;
}

const comparable = (value: number): number => (Number.isNaN(value) ? Infinity : value);

/**
 * The points that no other one dominates: those that are best in some weighing of the objectives, and
 * those between them. Equal points are all on it.
 *
 * @returns their indices, in order; none of a point with a NaN
 */
export function paretoFront(points: readonly Objectives[]): number[] {
  return points.flatMap((point, i) => {
    if (point.some(Number.isNaN)) return [];
    return points.some((other) => dominates(other, point)) ? [] : [i];
  });
}
