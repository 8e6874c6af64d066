import {
  arrayLoader,
  countedFeatures,
  createOptimizerConfig,
  shuffledOrder,
  thresholdForCost,
  winRate,
  type ExperimentContext,
  type RouterFolder,
} from "seedbed";

import { placeOf } from "../nano/data/split.ts";
import type { OpenedModels } from "./openModels.ts";
import { uncertaintyOf, type AnsweredPair } from "./pairs.ts";
import { picoDollars } from "./routed.ts";
import { exampleOf, routerModule, routerParameters } from "./routerModule.ts";

export interface RouterSettings {
  readonly buckets: number;
  readonly batchSize: number;
  /** Of the strong model's cost, that thresholds are calibrated to. */
  readonly costShare: number;
  /** Of the pairs, which are not learnt from. */
  readonly calibrationShare: number;
}

/** Pairs to learn from, and others to calibrate with; a hash of what is asked decides. */
export function divided(
  pairs: readonly AnsweredPair[],
  share: number,
): { training: AnsweredPair[]; calibration: AnsweredPair[] } {
  const isApart = ({ task }: AnsweredPair): boolean =>
    placeOf(`router/${task.prompt.ids.join()}`) < share;
  return {
    training: pairs.filter((pair) => !isApart(pair)),
    calibration: pairs.filter(isApart),
  };
}

/** Learns when the strong model is needed, and from which score on that is worth its price. */
export async function trainRouter(
  context: ExperimentContext,
  pairs: readonly AnsweredPair[],
  prices: OpenedModels["prices"],
  { buckets, batchSize, costShare, calibrationShare }: RouterSettings,
): Promise<{ router: RouterFolder; metrics: Record<string, number> }> {
  const { spec, resumeFrom } = context;
  const { training, calibration } = divided(pairs, calibrationShare);
  const own = routerParameters(countedFeatures.length + buckets);
  try {
    const module = routerModule(own, createOptimizerConfig(spec));
    const load = (from: readonly AnsweredPair[]) => from.map((pair) => exampleOf(pair, buckets));
    const fit = await context.createTrainer().fit(module, {
      trainLoader: arrayLoader(load(training), {
        ...{ batchSize, order: shuffledOrder(training.length, spec.seed) },
      }),
      valLoader: arrayLoader(load(calibration), { batchSize: calibration.length }),
      resumeFrom,
    });
    const read = async (name: string): Promise<Float32Array> =>
      Float32Array.from(await own.parameters.get(name)!.data());
    const [bias] = await read("bias");
    const model = { buckets, weight: await read("weight"), bias: bias! };
    const thresholds = calibrated(calibration, model, prices, costShare);
    return { router: { model, thresholds }, metrics: { steps: fit.step, ...fit.metrics } };
  } finally {
    own.dispose();
  }
}

/** Thresholds with which routers spend a share of what the strong model alone would. */
function calibrated(
  pairs: readonly AnsweredPair[],
  model: RouterFolder["model"],
  prices: OpenedModels["prices"],
  costShare: number,
): RouterFolder["thresholds"] {
  const priced = pairs.map((pair) => ({
    pair,
    weakCost: picoDollars(prices.weak, pair.weak),
    strongCost: picoDollars(prices.strong, pair.strong),
  }));
  const budget = costShare * priced.reduce((sum, { strongCost }) => sum + strongCost, 0);
  return {
    winRate: thresholdForCost(
      priced.map(({ pair, ...costs }) => ({ ...costs, score: winRate(model, pair.request) })),
      budget,
    ),
    cascade: thresholdForCost(
      priced.map(({ pair, weakCost, strongCost }) => ({
        ...{ score: uncertaintyOf(pair.weak), weakCost, strongCost: weakCost + strongCost },
      })),
      budget,
    ),
  };
}
