/** @file Learns which requests nano cannot answer as well as the model it comes from. */
import {
  writeRouterFolder,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
  type Run,
} from "seedbed";

import { buildNanoData } from "../nano/data/buildNanoData.ts";
import { builtData, readDataSettings, type BuiltDataSettings } from "../nano/settings/data.ts";
import { count, share } from "../nano/settings/fields.ts";
import { longest } from "../nano/startingModel.ts";
import { lostPercent, savedPercent, type Evaluation } from "./evaluateRouter.ts";
import { openModels, readPrices, type ModelsSettings } from "./openModels.ts";
import { askPairs } from "./pairs.ts";
import { testRouter } from "./testRouter.ts";
import { trainRouter, type RouterSettings } from "./trainRouter.ts";

interface Settings {
  data: BuiltDataSettings;
  models: ModelsSettings;
  router: RouterSettings & { limit: number | null; answers: string };
  evaluation: { limit: number | null };
}

const folder = (fallback: string, description: string): object => ({
  ...{ type: "string", minLength: 1, default: fallback, description },
});

const sections: Experiment["sections"] = {
  data: { type: "object", description: "Questions.", default: {}, properties: builtData },
  models: {
    type: "object",
    description: "Who is asked.",
    default: {},
    properties: {
      weak: folder("models/nano", "The cheap model, as transformers has it or in codes."),
      strong: folder("run:teacher", "The dear one."),
      prices: folder("configs/serve/prices.yaml", "A file with the prices of `nano` and `full`."),
    },
  },
  router: {
    type: "object",
    description: "What is learnt.",
    default: {},
    properties: {
      limit: {
        ...{ ...count, type: ["integer", "null"], default: 250 },
        description: "Most validation tasks of each group that are asked; null: all.",
      },
      answers: folder(".cache/seedbed/nano-router", "Where answers are kept."),
      buckets: { ...count, default: 512, description: "Of hashed words." },
      batchSize: { ...count, default: 128 },
      costShare: {
        ...{ ...share, default: 0.35 },
        description: "Of the strong model's cost, that thresholds are calibrated to.",
      },
      calibrationShare: {
        ...{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.3 },
        description: "Of the tasks, which are not learnt from but calibrated with.",
      },
    },
  },
  evaluation: {
    type: "object",
    description: "What the router does with the test's questions.",
    default: {},
    properties: {
      limit: {
        ...{ type: ["integer", "null"], minimum: 0, default: 250 },
        description: "Most tasks of each group; 0: no test, null: all.",
      },
    },
  },
};

const settingsOf = (spec: ExperimentSpec): Settings => readDataSettings(spec, sections);

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, print, signal } = context;
  const { data: built, models: places, router: settings, evaluation } = settingsOf(spec);
  const data = await buildNanoData({ ...built, maxLength: longest });
  record.recordData("nano", data.manifest.key, { files: data.manifest.files });
  const models = openModels(places, data);
  for (const name of ["weak", "strong"] as const) {
    record.recordArtifact({ name, type: "model", path: places[name], direction: "input" });
  }
  const asked = { ...models, data, cacheFolder: settings.answers, print, signal };
  const pairs = await askPairs({ ...asked, split: "validation", limit: settings.limit });
  const { router, metrics } = await trainRouter(context, pairs, models.prices, settings);
  const about = { run: record.id, weak: models.weak.sha256, strong: models.strong.sha256 };
  writeRouterFolder(record.path("router"), { ...router, about });
  record.recordArtifact({ name: "router", type: "model", path: record.path("router") });
  const summary = {
    ...{ ...metrics, pairs: pairs.length, router: record.path("router") },
    ...{ "threshold/winRate": router.thresholds.winRate },
    "threshold/cascade": router.thresholds.cascade,
  };
  if (evaluation.limit === 0) return summary;
  const out = record.path("report");
  const options = { ...evaluation, models, router, data, cacheFolder: settings.answers, out };
  const tested = await testRouter({ ...options, print, signal });
  await logCurves(record, tested);
  return { ...summary, ...summaryOf(tested), report: out };
}

/** Each router's score over what it saves, a step for each threshold, for the dashboard. */
async function logCurves(record: Run, { ends, routers }: Evaluation): Promise<void> {
  for (const { name, curve } of routers) {
    for (const [step, outcome] of curve["dollars"]!.entries()) {
      const point = { step, epoch: 0, wallTimeSeconds: Date.now() / 1000 };
      const metrics = {
        [`curve/${name}/savedPercent`]: savedPercent(outcome, ends["dollars"]!),
        [`curve/${name}/keptPercent`]: 100 - lostPercent(outcome, ends["dollars"]!),
      };
      await record.logMetrics(metrics, point);
    }
  }
}

function summaryOf({ ends, routers }: Evaluation): Record<string, number> {
  const entries = routers.flatMap(({ name, chosen, averageGapRecovered }) => [
    ...Object.entries(chosen).map(
      ([unit, outcome]) => [`${name}/saved/${unit}`, savedPercent(outcome, ends[unit]!)] as const,
    ),
    [`${name}/lostPercent`, lostPercent(chosen["dollars"]!, ends["dollars"]!)] as const,
    [`${name}/apgr`, averageGapRecovered ?? Number.NaN] as const,
  ]);
  return Object.fromEntries(entries);
}

const experiment: Experiment = {
  name: "nanoRouter",
  sections,
  modelFields: ["models.weak", "models.strong", "data.tokenizer"],
  check: (spec) => void readPrices(settingsOf(spec).models.prices),
  run,
};
export default experiment;
