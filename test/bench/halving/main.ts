/**
 * @file How many steps successive halving saves, and what it finds, on the same random points:
 * `npm run bench:halving [sweep.yaml]`. Trials run one after another in this process.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { parse, stringify } from "yaml";

import { runProgram } from "../../../framework/cli/program.ts";
import { loadSweep, loadTrialSpec } from "../../../framework/cli/sweeps/loadSweep.ts";
import { runSweepOf } from "../../../framework/cli/sweeps/runSweepOf.ts";
import { summariseSweep } from "../../../framework/sweep/analysis/sweepSummary.ts";
import { SweepFolder } from "../../../framework/sweep/sweepFolder.ts";
import { runSweep } from "../../../framework/sweep/sweepRunner.ts";
import { writeTrialFiles } from "../../../framework/sweep/trialFile.ts";
import type { TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { readTrialProgress } from "../../../framework/sweep/trialProgress.ts";

const [file = path.join(import.meta.dirname, "gan.yaml")] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-halving-"));
const text = readFileSync(file, "utf8");

const ways: Readonly<Record<string, unknown>> = {
  halving: { type: "successive_halving", min_steps: 100, eta: 3 },
  asha: parse(text).early_terminate,
  full: undefined,
};

for (const [name, early_terminate] of Object.entries(ways)) {
  const content = parse(text);
  const program = path.resolve(path.dirname(file), content.program);
  writeFileSync(
    path.join(folder, `${name}.yaml`),
    stringify({ ...content, program, early_terminate }),
  );
  const runsFolder = path.join(folder, "runs");
  const plan = await loadSweep(path.join(folder, `${name}.yaml`), console.warn, { runsFolder });
  const runs = new SweepFolder(runsFolder, name);
  await carryOut(plan, runs);
  const { trials, points } = summariseSweep(plan, runs, { names: [] });
  const steps = trials.map(({ trial }) => readTrialProgress(runs.runFolder(trial.id))?.step ?? 0);
  const sum = steps.reduce((total, each) => total + each, 0);
  const metric = plan.spec.objectives[0]!.name;
  const [best] = points;
  const value = best?.metrics.get(metric)?.mean;
  console.log(
    `${name}: ${sum} steps, best ${metric} ${value}, trial ${best?.trials[0]?.trial.index}`,
  );
}

async function carryOut(plan: TrialPlan, runs: SweepFolder): Promise<void> {
  await runSweep({
    plan,
    folder: runs,
    parallel: 1,
    signal: new AbortController().signal,
    logFile: () => "",
    listener: { started: () => {}, ended: () => {}, waitsFor: () => {} },
    async prepare(trial) {
      const { yaml } = await loadTrialSpec(plan, trial);
      writeTrialFiles(runs.runFolder(trial.id), runSweepOf(plan, trial), yaml, trial.stage);
      return [runs.runFolder(trial.id)];
    },
    launcher: {
      name: "in this process",
      launch: ({ command: [trial = ""] }) => ({ ended: carryOutTrial(trial), stop() {} }),
    },
  });
}

async function carryOutTrial(trial: string): Promise<{ exitCode: number; signal: null }> {
  const exitCode = await runProgram({
    args: ["trial", trial],
    terminal: { print: () => {}, warn: console.warn },
    watchSignals: () => ({
      signal: new AbortController().signal,
      exitCode: () => 130,
      release() {},
    }),
  });
  return { exitCode, signal: null };
}
