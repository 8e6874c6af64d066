/**
 * @file `npm run bench:sweeps -- [--trials 1000,100000] [--real 5]`: what a sweep's bookkeeping takes
 * for each event of a trial, beside so many that have finished, with trials that take no time; and what
 * a trial takes with a process of its own that does nothing.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import { AppendFile } from "../../../framework/tracking/appendFile.ts";
import { bookkeeping } from "./bookkeeping.ts";

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "1000,100000" },
    real: { type: "string", default: "5" },
  },
});
/** Trials that are carried out, after those that have finished before. */
const measured = 200;
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-sweeps-"));

const rows = [["trials", "start: s", "event: ms", "of it the disk's sync: ms"]];
for (const count of options.trials.split(",").map(Number)) {
  const { startSeconds, eventMs } = await bookkeeping({ folder, trials: count, measured });
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
