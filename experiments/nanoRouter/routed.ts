import { costOf, type ModelPrice } from "seedbed";

import { taskScore } from "../nano/evaluation/taskScores.ts";
import { meanScores } from "../nano/scores/meanScores.ts";
import type { AnsweredPair, ScoredAnswer } from "./pairs.ts";

/** What answers cost, and in which unit. */
export interface CostUnit {
  readonly name: string;
  readonly weak: (pair: AnsweredPair) => number;
  readonly strong: (pair: AnsweredPair) => number;
}

/** What an answer costs whose prompt was not computed before. */
export const picoDollars = (price: ModelPrice, answer: ScoredAnswer): number =>
  Number(costOf(price, { ...answer, cachedTokens: 0 }));

/** Dollars of a table of prices. */
export function dollars(weak: ModelPrice, strong: ModelPrice): CostUnit {
  const cost = (price: ModelPrice, answer: ScoredAnswer): number =>
    picoDollars(price, answer) / 1e12;
  return {
    name: "dollars",
    weak: (pair) => cost(weak, pair.weak),
    strong: (pair) => cost(strong, pair.strong),
  };
}

/** How a router decides, which is simulated with answers that both models have given. */
export interface SimulatedRouter {
  readonly name: string;
  /** The strong model answers from the threshold on. */
  readonly score: (pair: AnsweredPair) => number;
  /** Whether the weak model has answered before, and is paid for in any case. */
  readonly isCascade: boolean;
}

/** What requests cost and are worth, as a router has them answered. */
export interface Outcome {
  readonly threshold: number;
  /** Of the requests, given to the strong model. */
  readonly share: number;
  readonly score: number;
  readonly cost: number;
}

/** nano's task score: the mean over the groups of tasks of the mean over each one's. */
export function groupScore(
  pairs: readonly AnsweredPair[],
  scoreOf: (pair: AnsweredPair) => number,
): number {
  const scored = pairs.map((pair) => ({ group: pair.group, score: scoreOf(pair) }));
  return taskScore(meanScores(scored));
}

export function outcomeAt(
  pairs: readonly AnsweredPair[],
  { score, isCascade }: SimulatedRouter,
  threshold: number,
  unit: CostUnit,
): Outcome {
  const isStrong = new Map(pairs.map((pair) => [pair, score(pair) >= threshold]));
  const costOfPair = (pair: AnsweredPair): number => {
    if (!isStrong.get(pair)) return unit.weak(pair);
    return unit.strong(pair) + (isCascade ? unit.weak(pair) : 0);
  };
  const chosen = pairs.filter((pair) => isStrong.get(pair)).length;
  return {
    threshold,
    share: chosen / pairs.length,
    score: groupScore(pairs, (pair) => (isStrong.get(pair) ? pair.strong : pair.weak).score),
    cost: pairs.reduce((sum, pair) => sum + costOfPair(pair), 0),
  };
}

/** The same models without a router. */
export interface Ends {
  readonly weak: { readonly score: number; readonly cost: number };
  readonly strong: { readonly score: number; readonly cost: number };
}

export function endsOf(pairs: readonly AnsweredPair[], unit: CostUnit): Ends {
  const sum = (of: (pair: AnsweredPair) => number): number =>
    pairs.reduce((total, pair) => total + of(pair), 0);
  return {
    weak: { score: groupScore(pairs, ({ weak }) => weak.score), cost: sum(unit.weak) },
    strong: { score: groupScore(pairs, ({ strong }) => strong.score), cost: sum(unit.strong) },
  };
}

/** From no request for the strong model to all of them, at shares as even as the scores allow. */
export function curveOf(
  pairs: readonly AnsweredPair[],
  router: SimulatedRouter,
  unit: CostUnit,
  points = 41,
): Outcome[] {
  const scores = pairs.map(router.score).toSorted((a, b) => b - a);
  const thresholds = Array.from({ length: points }, (_, i) => {
    const chosen = Math.round((i / (points - 1)) * scores.length);
    return chosen === 0 ? Infinity : scores[chosen - 1]!;
  });
  return [...new Set(thresholds)].map((threshold) => outcomeAt(pairs, router, threshold, unit));
}

/**
 * Average performance gap recovered: the mean, over shares of requests that the strong model gets, of
 * how much of the two models' difference the router recovers. 0.5 is what chance gives.
 *
 * Source: Ong et al. 2024, arXiv:2406.18665, section 2.2.
 *
 * @returns undefined where the strong model is no better
 */
export function averageGapRecovered(
  curve: readonly Outcome[],
  { weak, strong }: Ends,
): number | undefined {
  const gap = strong.score - weak.score;
  if (gap <= 0) return undefined;
  const points = curve.toSorted((a, b) => a.share - b.share);
  const recovered = ({ score }: Outcome): number => (score - weak.score) / gap;
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1]!, points[i]!];
    area += ((after.share - before.share) * (recovered(before) + recovered(after))) / 2;
  }
  return area;
}
