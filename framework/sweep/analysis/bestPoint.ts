import { meanOf, type AnalysedPoint } from "./analysedPoint.ts";
import { meanInterval, type MeanInterval } from "./meanInterval.ts";

/** A point with how sure its mean is. */
export interface RankedPoint {
  readonly point: AnalysedPoint;
  readonly interval: MeanInterval;
}

/** How a point compares with the best one. */
export interface Comparison {
  /** The other less the best, on the seeds that both were run on. */
  readonly difference: MeanInterval;
  /**
   * Whether the interval leaves 0 out, so that it is more than chance that the best is better;
   * undefined where there are too few common seeds.
   */
  readonly isDistinct: boolean | undefined;
}

/** The best first by their means; points without a finite one are left out. */
export function rankPoints(
  points: readonly AnalysedPoint[],
  goal: "minimize" | "maximize",
): RankedPoint[] {
  const sign = goal === "minimize" ? 1 : -1;
  return points
    .filter((point) => Number.isFinite(meanOf(point)))
    .map((point) => ({ point, interval: meanInterval([...point.values.values()]) }))
    .toSorted((a, b) => sign * (a.interval.mean - b.interval.mean));
}

/**
 * Compares two points in pairs: a seed decides the same draws in all points, so what it does to both
 * cancels out. For one comparison that was meant beforehand; of many, some are distinct by chance.
 *
 * @returns undefined without a common seed
 */
export function comparePoints(best: AnalysedPoint, other: AnalysedPoint): Comparison | undefined {
  const differences = [...best.values].flatMap(([seed, value]) => {
    const second = other.values.get(seed);
    return second === undefined ? [] : [second - value];
  });
  if (differences.length === 0) return undefined;
  const difference = meanInterval(differences);
  const { low, high } = difference;
  const isDistinct = low === undefined || high === undefined ? undefined : low > 0 || high < 0;
  return { difference, isDistinct };
}
