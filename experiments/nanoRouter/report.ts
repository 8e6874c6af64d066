/**
 * @file `npx tsx experiments/nanoRouter/report.ts [--router FOLDER] [--weak MODEL] ...` tells what a router
 * saves, in dollars and in processor time, and what that costs in score.
 */
import path from "node:path";
import { parseArgs } from "node:util";

import {
  findReferenced,
  InputError,
  parseRunReference,
  readRouterFolder,
  textTable,
} from "seedbed";

import { buildNanoData } from "../nano/data/buildNanoData.ts";
import { runScript } from "../nano/runScript.ts";
import { longest } from "../nano/startingModel.ts";
import { lostPercent, savedPercent, type Evaluation } from "./evaluateRouter.ts";
import { openModels, type OpenedModels } from "./openModels.ts";
import { testRouter } from "./testRouter.ts";

const usage = `npx tsx experiments/nanoRouter/report.ts [options]
  --router FOLDER     a router's folder, or run:NAME/router (run:router/router)
  --weak MODEL        a folder, or run:NAME (models/nano)
  --strong MODEL      a folder, or run:NAME (run:teacher)
  --prices FILE       with the prices of nano and full (configs/serve/prices.yaml)
  --runs FOLDER       of all runs (runs)
  --answers FOLDER    where answers are kept (.cache/seedbed/nano-router)
  --out FOLDER        where the report goes (experiments/nanoRouter/results)
  --limit COUNT       most tasks of each group (250)
  --timed COUNT       tasks of each group that are timed; 0: none (20)
  --repeats COUNT     timed answers, of which the least counts (3)`;

const text = { type: "string" } as const;

async function report(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      router: { ...text, default: "run:router/router" },
      weak: { ...text, default: "models/nano" },
      strong: { ...text, default: "run:teacher" },
      prices: { ...text, default: "configs/serve/prices.yaml" },
      runs: { ...text, default: "runs" },
      answers: { ...text, default: ".cache/seedbed/nano-router" },
      out: { ...text, default: path.join(import.meta.dirname, "results") },
      limit: { ...text, default: "250" },
      timed: { ...text, default: "20" },
      repeats: { ...text, default: "3" },
    },
  });
  const folderOf = (place: string): string => {
    const reference = parseRunReference(place);
    const folder = reference ? findReferenced(values.runs, reference) : place;
    if (folder !== undefined) return folder;
    throw new InputError(
      `Cannot report on ${place}: expected a finished run of that name, got none`,
    );
  };
  const [limit, tasks, repeats] = [values.limit, values.timed, values.repeats].map(countOf);
  const router = readRouterFolder(folderOf(values.router));
  const data = await buildNanoData({ maxLength: longest });
  const models = withOneThread(openModels(values, data, values.runs));
  const evaluation = await testRouter({
    ...{ models, router, data, limit: limit!, cacheFolder: values.answers, out: values.out },
    ...(tasks! > 0 && { timing: { tasks: tasks!, repeats: Math.max(1, repeats!) } }),
    print: (line) => console.log(line),
  });
  console.log(linesOf(evaluation).join("\n"));
  console.log(path.join(values.out, "report.md"));
}

/** A process has one number of threads: answers that are asked for and those that are timed share it. */
function withOneThread({ weak, strong, prices }: OpenedModels): OpenedModels {
  const [first, second] = [weak, strong].map((model) => ({
    ...model,
    engine: { ...model.engine, threads: 1 },
  }));
  return { weak: first!, strong: second!, prices };
}

function countOf(given: string): number {
  const count = Number(given);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new InputError(`Cannot report: expected a whole number, got ${JSON.stringify(given)}`);
}

function linesOf({ ends, routers }: Evaluation): string[] {
  const units = Object.keys(ends);
  const rows = routers.map(({ name, threshold, chosen, averageGapRecovered: gap }) => [
    ...[name, threshold.toFixed(4), (100 * chosen["dollars"]!.share).toFixed(1)],
    lostPercent(chosen["dollars"]!, ends["dollars"]!).toFixed(2),
    ...units.map((unit) => savedPercent(chosen[unit]!, ends[unit]!).toFixed(1)),
    gap?.toFixed(3) ?? "-",
  ]);
  const whole = ends["dollars"]!;
  const weak = [
    ...["weak alone", "-", "0", lostPercent(whole.weak, whole).toFixed(2)],
    ...[...units.map((unit) => savedPercent(ends[unit]!.weak, ends[unit]!).toFixed(1)), "-"],
  ];
  const saved = units.map((unit) => `saved %, ${unit}`);
  const head = ["router", "threshold", "strong %", "score lost %", ...saved, "APGR"];
  return textTable([head, weak, ...rows], [1, 2, 3, 4, 5, 6].slice(0, head.length - 1));
}

await runScript(() => report(process.argv.slice(2)), usage);
