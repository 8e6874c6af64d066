/**
 * @file `npm run kills -- [count]`: kills sweeps, of one process and of several that share the trials,
 * and their trials again and again, by a seeded choice of when and whom, and checks that no trial is
 * lost, run twice, or ends with other numbers than in a sweep that was left alone, and that what it
 * leaves beside its numbers can be read.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { RandomStream } from "../../framework/base/random.ts";
import {
  checkRecords,
  finishedTrials,
  sweepNumbers,
  trialProcesses,
} from "../support/sweepChecks.ts";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");
const experiments = path.resolve(import.meta.dirname, "../fixtures/cli");
const wanted = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-kills-"));
const random = new RandomStream(1, "kills");

writeFileSync(
  path.join(folder, "base.yaml"),
  `experiment: leastSquares
trainer: { backend: cpu, maxSteps: 60, logEveryNSteps: 5, threads: 1 }
data: { delayMs: 15 }
optimizer: { name: adam, learningRate: 0.05 }
callbacks: [{ modelCheckpoint: { everyNTrainSteps: 10 } }]
loggers: { tensorBoard: false, wandb: false, csv: true }
tracking: { systemMetricsSeconds: 0.05 }
`,
);
writeFileSync(
  path.join(folder, "sweep.yaml"),
  `program: base.yaml
method: grid
seeds: 2
retries: 20
parameters: { data.slope: { values: [1, 2, 3] } }
`,
);

const sweepFolder = (runs: string): string => path.join(folder, runs, "sweep");

/** A process that runs the sweep. */
interface Worker {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

/** @param workers processes that share the trials */
function start(runs: string, workers: number): Worker {
  const args = ["sweep", path.join(folder, "sweep.yaml"), "--runs", path.join(folder, runs)];
  const share = workers === 1 ? ["--parallel", "2"] : ["--join"];
  const child = spawn(process.execPath, [program, ...args, ...share], {
    cwd: experiments,
    stdio: "ignore",
  });
  return { child, ended: new Promise((resolve) => child.on("exit", resolve)) };
}

/** Runs a sweep to its end, with kills. @returns how many there were */
async function runWithKills(runs: string, most: number, count: number): Promise<number> {
  const workers = Array.from({ length: count }, () => start(runs, count));
  for (let kills = 0; ;) {
    const all = Promise.all(workers.map(({ ended }) => ended));
    const timeMs = 500 + (12_000 / count) * random.uniform();
    const time = new Promise<"time">((resolve) => setTimeout(() => resolve("time"), timeMs));
    const codes = kills < most ? await Promise.race([all, time]) : await all;
    if (codes !== "time") {
      if (codes.every((code) => code === 0)) return kills;
      throw new Error(`Cannot finish sweep ${runs}: it ended with ${codes.join(" and ")}`);
    }
    kills += await killSome(runs, workers);
  }
}

/** Kills a worker, which is started again, or a trial; of a sweep of one process both. */
async function killSome(runs: string, workers: Worker[]): Promise<number> {
  const trials = random.uniform() < 0.3 ? trialProcesses(sweepFolder(runs)) : [];
  const index = random.integer(workers.length);
  const { child, ended } = workers[index]!;
  const pid = trials[random.integer(Math.max(1, trials.length))];
  const hasKilledTrial = pid !== undefined && kill(pid);
  if (hasKilledTrial && workers.length > 1) return 1;
  const hasKilled = child.exitCode === null && kill(child.pid);
  await ended;
  if (hasKilled) workers[index] = start(runs, workers.length);
  return Number(hasKilledTrial) + Number(hasKilled);
}

function kill(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, "SIGKILL");
  } catch {
    return false; // it has ended meanwhile
  }
}

await runWithKills("alone", 0, 1);
const expected = JSON.stringify(sweepNumbers(sweepFolder("alone")));
let kills = 0;
for (let round = 0; kills < wanted; round++) {
  const runs = `killed-${round}`;
  const workers = 1 + (round % 2);
  kills += await runWithKills(runs, Math.min(12, wanted - kills), workers);
  finishedTrials(sweepFolder(runs));
  checkRecords(sweepFolder(runs));
  if (JSON.stringify(sweepNumbers(sweepFolder(runs))) !== expected) {
    throw new Error(`Cannot accept ${path.join(folder, runs)}: its numbers differ`);
  }
  const how = workers === 1 ? "one process" : `${workers} processes`;
  console.log(`${kills} kills: every trial of ${how} finished once, with the same numbers`);
}
rmSync(folder, { recursive: true });
