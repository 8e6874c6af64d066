import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { Launcher } from "../../../framework/launch/launcher.ts";
import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { mapping } from "../../../framework/spec/specNode.ts";
import { SweepFolder } from "../../../framework/sweep/sweepFolder.ts";
import { runSweep } from "../../../framework/sweep/sweepRunner.ts";
import { TrialPlan, type Trial } from "../../../framework/sweep/trialPlan.ts";

export interface BookkeepingOptions {
  /** Gets the sweep's file and its runs. */
  readonly folder: string;
  readonly trials: number;
  /** Trials that are carried out, after those that have finished before. */
  readonly measured: number;
}

export interface BookkeepingFigures {
  /** From nothing to the first trial. */
  readonly startSeconds: number;
  /** For each of two events of a trial. */
  readonly eventMs: number;
  readonly runs: SweepFolder;
}

const time = "2026-01-01T00:00:00.000Z";

const manifest = {
  ...{ formatVersion: 1, id: "trial", name: "sweep", status: "finished", seed: 0 },
  ...{ specSha256: "", command: [], startedAt: time, heartbeatAt: time, versions: {}, host: {} },
  ...{ summary: { score: 1 }, data: {}, resumes: [] },
};

/** What a sweep's bookkeeping takes, with trials that take no time. */
export async function bookkeeping(options: BookkeepingOptions): Promise<BookkeepingFigures> {
  const { folder, trials, measured } = options;
  const earlier = planOf(folder, trials);
  const runs = new SweepFolder(folder, earlier.spec.name);
  mkdirSync(runs.path);
  for (const trial of earlier.first(trials - measured)) {
    finish(runs, trial);
    const head = { id: trial.id, trial: trial.index + 1, time };
    const events = [
      { ...head, event: "started" },
      { ...head, event: "ended", outcome: "finished", seconds: 1 },
    ];
    appendFileSync(runs.journalFile, events.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }
  return measure(options);
}

async function measure({
  folder,
  trials,
  measured,
}: BookkeepingOptions): Promise<BookkeepingFigures> {
  const begin = performance.now();
  const plan = planOf(folder, trials);
  const runs = new SweepFolder(folder, plan.spec.name);
  let [first, own] = [0, 0];
  const launcher: Launcher = {
    name: "none",
    launch({ command: [id = ""] }) {
      first ||= performance.now();
      const start = performance.now();
      finish(runs, { id });
      own += performance.now() - start;
      return { ended: Promise.resolve({ exitCode: 0, signal: null }), stop() {} };
    },
  };
  await runSweep({
    ...{ plan, folder: runs, launcher, parallel: 1, signal: new AbortController().signal },
    prepare: async ({ id }) => [id],
    logFile: () => "",
    listener: { started() {}, ended() {}, waitsFor() {} },
  });
  const ms = performance.now() - first - own;
  return { startSeconds: (first - begin) / 1000, eventMs: ms / (2 * measured), runs };
}

function planOf(folder: string, count: number): TrialPlan {
  const file = path.join(folder, `sweep-${count}.yaml`);
  writeFileSync(
    file,
    `method: grid
command: ["true"]
metric: { name: score, target: 2, goal: maximize }
parameters: { a: { min: 1, max: ${count} } }
`,
  );
  const spec = loadSweepSpec(file);
  return new TrialPlan({ spec, program: mapping(spec.root.origin), version: "1" });
}

/** Leaves what a trial's process would. */
function finish(runs: SweepFolder, { id }: Pick<Trial, "id">): void {
  mkdirSync(runs.runFolder(id), { recursive: true });
  writeFileSync(
    path.join(runs.runFolder(id), "manifest.json"),
    JSON.stringify({ ...manifest, id }),
  );
}
