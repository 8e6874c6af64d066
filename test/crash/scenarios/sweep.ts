import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import {
  checkRecords,
  finishedTrials,
  sweepNumbers,
  trialProcesses,
} from "../../support/sweepChecks.ts";
import type { Place, Scenario } from "../scenario.ts";
import { fixtures, program } from "./training.ts";

const trials = 3;

const folderOf = ({ runs, name }: Place): string => path.join(runs, name);

/** A grid of short trainings, two at a time. */
export const sweep: Scenario = {
  name: "sweep",
  cwd: fixtures,
  leavesParts: true, // beside the trials' folders, where other processes of the sweep may be at work
  processes: trials,
  kinds: { sweep: 6, record: 1, manifest: 1, checkpoint: 1, other: 1 },
  timers: 0.3,
  nextArgs(place) {
    const folder = folderOf(place);
    if (existsSync(folder) && finishedTrials(folder).size === trials) return undefined;
    return [program, "sweep", sweepFile(place), "--runs", place.runs, "--parallel", "2"];
  },
  /** Trials outlive their sweep, and would change files that are looked at. */
  async settle(place) {
    for (const pid of trialProcesses(folderOf(place))) await kill(pid);
  },
  checkLeft: (place) => void (existsSync(folderOf(place)) && finishedTrials(folderOf(place))),
  results(place) {
    checkRecords(folderOf(place));
    const numbers = Object.values(sweepNumbers(folderOf(place))).toSorted();
    return Object.fromEntries(numbers.entries()); // their ids have the sweep's name in them
  },
  folder: folderOf,
};

function sweepFile({ notes, name }: Place): string {
  const file = path.join(notes, `${name}.yaml`);
  if (existsSync(file)) return file;
  mkdirSync(notes, { recursive: true });
  writeFileSync(
    file,
    `program: ${path.join(fixtures, "cpu.yaml")}
name: ${name}
method: grid
retries: 20
parameters: { optimizer.learningRate: { values: [0.01, 0.02, 0.03] } }
`,
  );
  return file;
}

async function kill(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
    while (process.kill(pid, 0)) await wait(10);
  } catch {
    return; // it is gone
  }
}
