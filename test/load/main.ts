/**
 * @file `npm run test:load [-- full] [dashboard|sweep|logging]`: many runs and points in a dashboard,
 * many trials in a sweep, many scalars a second in a training. What has to hold (answers are right,
 * nothing is lost, memory does not grow) decides; times are printed. The last line: `N passed, M failed`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { useBackend } from "../../framework/backend/register.ts";
import { bookkeeping } from "../bench/sweeps/bookkeeping.ts";
import { finishedTrials } from "../support/sweepChecks.ts";
import { loadDashboard } from "./dashboardLoad.ts";
import { measureLoggedSteps, stepMs, type Quartiles } from "./loggedSteps.ts";

const words = process.argv.slice(2);
const isFull = words.includes("full");
const parts = words.filter((word) => word !== "full");
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-load-"));
let [passed, failed] = [0, 0];

function expect(what: string, holds: boolean, figure: string): void {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "  " : "✗ "}${what}: ${figure}`);
}

async function dashboard(): Promise<void> {
  const size = isFull ? { runs: 10_000, records: 1000 } : { runs: 1000, records: 20 };
  const repeats = isFull ? 300 : 20; // in 300 V8 collects all garbage at least once
  const load = await loadDashboard({
    ...{ folder: path.join(folder, "runs"), ...size, metrics: 10, repeats },
  });
  const of = `dashboard, ${size.runs} runs, ${load.points / 1e6} M points`;
  const problems = load.problems.length === 0 ? "all" : load.problems.join("; ");
  expect(`${of}: answers that are right`, load.problems.length === 0, problems);
  const limit = isFull ? 500 : 300;
  const peak = `${load.peakMb.toFixed(0)} MB of ${limit}`;
  expect(`${of}: most memory`, load.peakMb <= limit, peak);
  const grown = `${load.grownMb.toFixed(1)} MB in ${repeats} rounds`;
  expect(`${of}: what is alive grows`, load.grownMb <= 5, grown);
  const times = [load.startMs, load.startProcessorMs, load.tableMs, load.chartMs];
  const [start, processor, table, chart] = times.map((ms) => (ms / 1000).toFixed(1));
  console.log(`  start without an index: ${start} s (processor ${processor} s)`);
  console.log(`  the table: ${table} s; a chart of 50 runs for the first time: ${chart} s`);
}

async function sweep(): Promise<void> {
  const trials = isFull ? 1000 : 200;
  const heapMb = (): number => process.memoryUsage().heapUsed / 2 ** 20;
  const before = heapMb();
  const { eventMs, runs } = await bookkeeping({ folder, trials, measured: trials });
  const { size } = finishedTrials(runs.path);
  expect(`sweep of ${trials} trials: each has finished once`, size === trials, `${size}`);
  const grown = heapMb() - before;
  expect(`sweep of ${trials} trials: memory`, grown <= 100, `${grown.toFixed(0)} MB`);
  console.log(`  an event of a trial: ${eventMs.toFixed(2)} ms`);
}

async function logging(): Promise<void> {
  const { compile } = await useBackend("ort", { threads: 1 });
  const scalars = 100; // after each of 100 steps a second: 10,000 scalars a second
  const [steps, rounds] = isFull ? [200, 45] : [100, 3];
  const root = path.join(folder, "logged");
  const { lostRows, waited, processor } = await measureLoggedSteps({
    compile,
    root,
    scalars,
    steps,
    rounds,
  });
  expect("10,000 scalars a second: rows lost", lostRows === 0, `${lostRows} of ${steps * rounds}`);
  console.log(`  a step of 10 ms takes longer: ${describeTime(waited)} (wanted: 1 %)`);
  console.log(`  processor time of all threads that comes on top: ${describeTime(processor)}`);
}

function describeTime(quartiles: Quartiles): string {
  const [from, share, to] = quartiles.map((ms) => ((100 * ms) / stepMs).toFixed(2));
  return `${quartiles[1].toFixed(3)} ms, ${share} %, quartiles ${from} to ${to} %`;
}

try {
  for (const part of [dashboard, sweep, logging]) {
    if (parts.length === 0 || parts.includes(part.name)) await part();
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
