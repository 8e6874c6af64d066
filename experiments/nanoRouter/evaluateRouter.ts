import { rules, winRate, type ModelPrice, type RouterFolder } from "seedbed";

import type { AnswerTimes } from "./measureCosts.ts";
import { uncertaintyOf, type AnsweredPair } from "./pairs.ts";
import {
  averageGapRecovered,
  curveOf,
  dollars,
  endsOf,
  outcomeAt,
  type CostUnit,
  type Ends,
  type Outcome,
  type SimulatedRouter,
} from "./routed.ts";

export interface EvaluateRouterOptions {
  /** Of the test: nothing was learnt from them. */
  readonly pairs: readonly AnsweredPair[];
  readonly router: Pick<RouterFolder, "model" | "thresholds">;
  readonly prices: { readonly weak: ModelPrice; readonly strong: ModelPrice };
  /** Undefined: processor time is not looked at. */
  readonly times?: ReadonlyMap<string, AnswerTimes> | undefined;
}

/** What a router does at its threshold and at others. */
export interface RouterEvaluation {
  readonly name: string;
  readonly threshold: number;
  readonly averageGapRecovered: number | undefined;
  /** By the unit of cost. */
  readonly chosen: Readonly<Record<string, Outcome>>;
  readonly curve: Readonly<Record<string, readonly Outcome[]>>;
}

export interface Evaluation {
  readonly ends: Readonly<Record<string, Ends>>;
  readonly routers: readonly RouterEvaluation[];
}

/** Routers that are compared, with their thresholds. */
export function simulatedRouters({
  model,
  thresholds,
}: Pick<RouterFolder, "model" | "thresholds">): (SimulatedRouter & { threshold: number })[] {
  const { score, threshold } = rules();
  return [
    {
      ...{ name: "winRate", threshold: thresholds.winRate, isCascade: false },
      score: ({ request }) => winRate(model, request),
    },
    {
      ...{ name: "cascade", threshold: thresholds.cascade, isCascade: true },
      score: ({ weak }) => uncertaintyOf(weak),
    },
    { ...{ name: "rules", threshold, isCascade: false }, score: ({ request }) => score(request) },
  ];
}

/** What routers cost and are worth, from answers that both models have given. */
export function evaluateRouter({
  pairs,
  router,
  prices,
  times,
}: EvaluateRouterOptions): Evaluation {
  const units: CostUnit[] = [dollars(prices.weak, prices.strong)];
  if (times) {
    units.push({
      name: "cpuSeconds",
      weak: ({ group }) => times.get(group)!.weak / 1000,
      strong: ({ group }) => times.get(group)!.strong / 1000,
    });
  }
  const byUnit = <Value>(make: (unit: CostUnit) => Value): Record<string, Value> =>
    Object.fromEntries(units.map((unit) => [unit.name, make(unit)]));
  const ends = byUnit((unit) => endsOf(pairs, unit));
  return {
    ends,
    routers: simulatedRouters(router).map(({ threshold, ...each }) => {
      const scores = new Map(pairs.map((pair) => [pair, each.score(pair)]));
      const scored: SimulatedRouter = { ...each, score: (pair) => scores.get(pair)! };
      const curve = byUnit((unit) => curveOf(pairs, scored, unit));
      return {
        ...{ name: each.name, threshold, curve },
        averageGapRecovered: averageGapRecovered(curve["dollars"]!, ends["dollars"]!),
        chosen: byUnit((unit) => outcomeAt(pairs, scored, threshold, unit)),
      };
    }),
  };
}

/** How much of the strong model's cost is saved, in percent. */
export const savedPercent = ({ cost }: { readonly cost: number }, { strong }: Ends): number =>
  100 * (1 - cost / strong.cost);

/** How much of the strong model's score is lost, in percent. */
export const lostPercent = ({ score }: { readonly score: number }, { strong }: Ends): number =>
  100 * (1 - score / strong.score);
