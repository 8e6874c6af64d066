/** What a threshold would have done with requests that both models have answered. */
export interface CalibrationCase {
  /** The router's. */
  readonly score: number;
  /** What the request costs where the strong model answers, and where it does not; in any one unit. */
  readonly strongCost: number;
  readonly weakCost: number;
}

/**
 * The threshold with which the strong model gets a share of requests.
 *
 * Source: RouteLLM's `calibrate_threshold.py`: the quantile of the scores.
 *
 * @param scores at least one
 * @param share from 0 to 1
 * @returns the least score that goes to the strong model; just above all scores where none does
 */
export function thresholdForShare(scores: readonly number[], share: number): number {
  check(scores.length, share, "a share of the requests from 0 to 1");
  const sorted = scores.toSorted((a, b) => b - a);
  return largestWithin(sorted, (chosen) => chosen <= share * sorted.length);
}

/**
 * The least threshold with which requests cost at most a share of what they would if the strong model
 * answered them all.
 *
 * @param cases at least one
 * @param share from 0 to 1
 * @returns 1 where even the cheap model alone costs more
 */
export function thresholdForCost(cases: readonly CalibrationCase[], share: number): number {
  check(cases.length, share, "a share of the cost from 0 to 1");
  const sorted = cases.toSorted((a, b) => b.score - a.score);
  const limit = share * sorted.reduce((sum, { strongCost }) => sum + strongCost, 0);
  const costs = [sorted.reduce((sum, { weakCost }) => sum + weakCost, 0)];
  for (const { strongCost, weakCost } of sorted) {
    costs.push(costs.at(-1)! + strongCost - weakCost);
  }
  const scores = sorted.map(({ score }) => score);
  return largestWithin(scores, (chosen) => costs[chosen]! <= limit);
}

/** @param scores the largest first; equal ones are all chosen, or none of them */
function largestWithin(scores: readonly number[], isAllowed: (chosen: number) => boolean): number {
  for (let chosen = scores.length; chosen > 0; chosen--) {
    const isBetween = chosen === scores.length || scores[chosen]! < scores[chosen - 1]!;
    if (isBetween && isAllowed(chosen)) return scores[chosen - 1]!;
  }
  return Math.min(1, scores[0]! + Number.EPSILON);
}

function check(count: number, share: number, expected: string): void {
  if (count === 0) throw new RangeError("Cannot calibrate a threshold: expected scores, got none");
  if (share >= 0 && share <= 1) return;
  throw new RangeError(`Cannot calibrate a threshold: expected ${expected}, got ${share}`);
}
