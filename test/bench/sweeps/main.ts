/**
 * @file `npm run bench:sweeps -- [--trials 1000,100000] [--real 5]`: what a sweep's bookkeeping takes
 * for each event of a trial, beside so many that have finished, with trials that take no time; and what
 * a trial takes with a process of its own that does nothing.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import type { Launcher } from "../../../framework/launch/launcher.ts";
import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { mapping } from "../../../framework/spec/specNode.ts";
import { SweepFolder } from "../../../framework/sweep/sweepFolder.ts";
import { runSweep } from "../../../framework/sweep/sweepRunner.ts";
import { TrialPlan, type Trial } from "../../../framework/sweep/trialPlan.ts";
import { AppendFile } from "../../../framework/tracking/appendFile.ts";

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "1000,100000" },
    real: { type: "string", default: "5" },
  },
});
/** Trials that are carried out, after those that have finished before. */
const measured = 200;
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-sweeps-"));
const time = "2026-01-01T00:00:00.000Z";

const manifest = {
  ...{ formatVersion: 1, id: "trial", name: "sweep", status: "finished", seed: 0 },
  ...{ specSha256: "", command: [], startedAt: time, heartbeatAt: time, versions: {}, host: {} },
  ...{ summary: { score: 1 }, data: {}, resumes: [] },
};

const rows = [["trials", "start: s", "event: ms", "of it the disk's sync: ms"]];
for (const count of options.trials.split(",").map(Number)) {
  const { startSeconds, eventMs } = await bookkeeping(count);
  rows.push([String(count), startSeconds.toFixed(1), eventMs.toFixed(2), syncMs().toFixed(2)]);
}
for (const line of textTable(rows)) console.log(line);
const real = Number(options.real);
console.log(`a trial with a process of its own: ${overheadSeconds(real).toFixed(2)} s`);
rmSync(folder, { recursive: true });

/** What the system takes to put a line on the disk. */
function syncMs(): number {
  const file = new AppendFile(path.join(folder, "lines"));
  const begin = performance.now();
  for (let line = 0; line < 2 * measured; line++) {
    file.append(`${"x".repeat(150)}\n`);
    file.sync();
  }
  return (performance.now() - begin) / (2 * measured);
}

function planOf(count: number): TrialPlan {
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

async function bookkeeping(count: number): Promise<{ startSeconds: number; eventMs: number }> {
  const earlier = planOf(count);
  const runs = new SweepFolder(folder, earlier.spec.name);
  mkdirSync(runs.path);
  for (const trial of earlier.first(count - measured)) {
    finish(runs, trial);
    const head = { id: trial.id, trial: trial.index + 1, time };
    const events = [
      { ...head, event: "started" },
      { ...head, event: "ended", outcome: "finished", seconds: 1 },
    ];
    appendFileSync(runs.journalFile, events.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }
  return measure(count);
}

async function measure(count: number): Promise<{ startSeconds: number; eventMs: number }> {
  const begin = performance.now();
  const plan = planOf(count);
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
  return { startSeconds: (first - begin) / 1000, eventMs: ms / (2 * measured) };
}

/** Seconds for each trial of a sweep whose program does nothing. */
function overheadSeconds(count: number): number {
  const file = path.join(folder, "real.yaml");
  const text = `method: grid\ncommand: ["true"]\nparameters: { a: { min: 1, max: ${count} } }\n`;
  writeFileSync(file, text);
  const seedbed = path.resolve(import.meta.dirname, "../../../framework/cli/seedbed.js");
  const run = (trials: number): number => {
    const begin = performance.now();
    const args = [seedbed, "sweep", file, "--runs", folder, "--count", String(trials)];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`Cannot run ${file}: ${stderr}`);
    return (performance.now() - begin) / 1000;
  };
  const one = run(1);
  return (run(count) - one) / (count - 2); // the second run starts the program again, for a trial less
}
