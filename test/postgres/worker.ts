/**
 * @file A worker in a process of its own, of several sweeps at once: `worker.ts FOLDER START_FILE STEP_MS
 * SWEEP_FILE ...`, their journals by SEEDBED_JOURNAL. It says so when it is ready, and waits for the start's file.
 */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { loadSweepSpec } from "../../framework/spec/loadSweepSpec.ts";
import { readSpec } from "../../framework/spec/readSpec.ts";
import { readJournalAddress } from "../../framework/sweep/postgres/journalAddress.ts";
import { openServerSweep } from "../../framework/sweep/postgres/serverSweep.ts";
import { TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { playWorker } from "./playedWorker.ts";

const [runsFolder = "", startFile = "", stepMs = "0", ...files] = process.argv.slice(2);
const address = readJournalAddress(undefined, process.env)!;

/** @returns takes part in the sweep */
async function join(file: string): Promise<() => Promise<unknown>> {
  const spec = loadSweepSpec(file);
  const { name } = spec;
  const plan = new TrialPlan({ spec, program: readSpec(spec.program).root, version: "1" });
  const { folder, meeting } = await openServerSweep({
    ...{ address, runsFolder, starts: true },
    plan: { id: plan.id, name, version: "1", warmStart: "", sharesCheckpoints: false },
    warn: (line) => process.stdout.write(`${line}\n`),
  });
  const logFile = path.join(runsFolder, `${name}.log`);
  return () => playWorker({ plan, folder, meeting, logFile, stepMs: Number(stepMs) });
}

const sweeps = await Promise.all(files.map(join));
writeFileSync(path.join(runsFolder, "ready"), "");
while (!existsSync(startFile)) await wait(5);
await Promise.all(sweeps.map((work) => work()));
