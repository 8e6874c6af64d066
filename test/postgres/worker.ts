/**
 * @file A worker in a process of its own, of several sweeps at once: `worker.ts RUNS_FOLDER LOG_FOLDER STEP_MS
 * SWEEP_FILE ...`, their journals by SEEDBED_JOURNAL.
 */
import path from "node:path";

import { loadSweepSpec } from "../../framework/spec/loadSweepSpec.ts";
import { readSpec } from "../../framework/spec/readSpec.ts";
import { readJournalAddress } from "../../framework/sweep/postgres/journalAddress.ts";
import { openServerSweep } from "../../framework/sweep/postgres/serverSweep.ts";
import { TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { playWorker } from "./playedWorker.ts";

const [runsFolder = "", logFolder = "", stepMs = "0", ...files] = process.argv.slice(2);
const address = readJournalAddress(undefined, process.env)!;

async function work(file: string): Promise<void> {
  const spec = loadSweepSpec(file);
  const { name } = spec;
  const plan = new TrialPlan({ spec, program: readSpec(spec.program).root, version: "1" });
  const { folder, meeting } = await openServerSweep({
    ...{ address, runsFolder, starts: true },
    plan: { id: plan.id, name, version: "1", warmStart: "", sharesCheckpoints: false },
    warn: (line) => process.stdout.write(`${line}\n`),
  });
  const logFile = path.join(logFolder, `${name}.log`);
  await playWorker({ plan, folder, meeting, logFile, stepMs: Number(stepMs) });
}

await Promise.all(files.map(work));
