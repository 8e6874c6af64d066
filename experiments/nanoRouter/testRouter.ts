import { cpus } from "node:os";
import path from "node:path";

import { writeFileAtomic, writeReportFolder, type RouterFolder } from "seedbed";

import type { NanoData } from "../nano/data/buildNanoData.ts";
import { evaluateRouter, type Evaluation } from "./evaluateRouter.ts";
import { measureCosts } from "./measureCosts.ts";
import type { OpenedModels } from "./openModels.ts";
import { askPairs } from "./pairs.ts";
import { curveCsv, routerReport } from "./routerReport.ts";

/** Answers whose processor time is measured. */
export interface TimingSettings {
  /** Tasks of each group. */
  readonly tasks: number;
  /** How often each is answered; the least time counts. */
  readonly repeats: number;
}

export interface TestRouterOptions {
  /** Most tasks of each group; null: all. */
  readonly limit: number | null;
  /** Undefined: processor time is not looked at. It is measured with one thread. */
  readonly timing?: TimingSettings;
  readonly models: OpenedModels;
  readonly router: Pick<RouterFolder, "model" | "thresholds">;
  readonly data: NanoData;
  /** Where answers are kept. */
  readonly cacheFolder: string;
  /** Where the report goes. */
  readonly out: string;
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a router does with the test's questions: `report.md`, `report.json`, `curve.csv` and pictures in
 * a folder. Both models answer all of them, as far as they have not already.
 */
export async function testRouter(options: TestRouterOptions): Promise<Evaluation> {
  const { models, router, data, limit, timing, cacheFolder, out, print, signal } = options;
  const asked = { ...models, data, limit, cacheFolder, print, signal };
  const pairs = await askPairs({ ...asked, split: "test" });
  const { tokenizer } = data;
  const times = timing && (await measureCosts({ ...models, ...timing, tokenizer, pairs, signal }));
  const evaluation = evaluateRouter({ pairs, router, prices: models.prices, times });
  const circumstances: [string, string][] = [
    ["weak model", models.weak.sha256],
    ["strong model", models.strong.sha256],
    [
      "tasks",
      `${limit === null ? "all" : `at most ${limit}`} of each group of the test, and ${limit === null ? "those" : "a quarter as many"} that no function fits (noCall), which the score leaves out; greedily, one at a time`,
    ],
    ["dollars", "of the table of prices, for the tokens of each answer; nothing was cached"],
    ["thresholds", "calibrated on other questions, to a share of the strong model's dollars"],
  ];
  if (timing) {
    const processor = cpus()[0]?.model ?? "unknown";
    const text = `${processor}, one thread: the mean of ${timing.tasks} tasks of each group, the least of ${timing.repeats} times, models taking turns`;
    circumstances.push(["processor time", text]);
  }
  const report = routerReport({ evaluation, pairs, circumstances });
  await writeReportFolder(out, report, ["markdown"]);
  writeFileAtomic(path.join(out, "curve.csv"), curveCsv(evaluation));
  return evaluation;
}
