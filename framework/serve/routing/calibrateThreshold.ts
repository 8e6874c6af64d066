/** A request that both models have answered, and what it costs in any one unit. */
export interface CalibrationCase {
  /** The router's. */
  readonly score: number;
  /** Where the strong model answers, with what the weak one cost before it. */
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
  check(scores.length);
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(
      `Cannot calibrate a threshold: expected a share of the requests from 0 to 1, got ${share}`,
    );
  }
  const sorted = scores.toSorted((a, b) => b - a);
  return largestWithin(sorted, (chosen) => chosen <= share * sorted.length);
}

/**
 * The least threshold with which requests cost at most a budget.
 *
 * @param cases at least one
 * @param budget of all of them together
 * @returns just above all scores where not even one may go to the strong model
 */
export function thresholdForCost(cases: readonly CalibrationCase[], budget: number): number {
  check(cases.length);
  const sorted = cases.toSorted((a, b) => b.score - a.score);
  const costs = [sorted.reduce((sum, { weakCost }) => sum + weakCost, 0)];
  for (const { strongCost, weakCost } of sorted) {
    costs.push(costs.at(-1)! + strongCost - weakCost);
  }
  const scores = sorted.map(({ score }) => score);
  return largestWithin(scores, (chosen) => costs[chosen]! <= budget);
}

/** @param scores the largest first; equal ones are all chosen, or none of them */
function largestWithin(scores: readonly number[], isAllowed: (chosen: number) => boolean): number {
  for (let chosen = scores.length; chosen > 0; chosen--) {
    const isBetween = chosen === scores.length || scores[chosen]! < scores[chosen - 1]!;
    if (isBetween && isAllowed(chosen)) return scores[chosen - 1]!;
  }
  return Math.min(1, scores[0]! + Number.EPSILON);
}

function check(count: number): void {
  if (count > 0) return;
  throw new RangeError("Cannot calibrate a threshold: expected scores, got none");
}
