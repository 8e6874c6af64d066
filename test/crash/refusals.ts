import { appendFileSync, existsSync } from "node:fs";
import path from "node:path";

import type { Reference } from "./breaking.ts";
import { compareResults } from "./checks/results.ts";
import { checkWholeFiles, filesBelow } from "./checks/wholeFiles.ts";
import type { Fault } from "./faults/fault.ts";
import { runFaultyProcess, type ProcessEnd } from "./faults/faultyProcess.ts";
import type { Place, Scenario } from "./scenario.ts";
import { mountDisk } from "./smallDisk.ts";

/** What a training does when the system does not do what it is asked to. */
export interface Refusal {
  readonly title: string;
  readonly fault?: Fault;
  readonly jumpingClock?: boolean;
  /** Added to the first process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** See `FaultyProcessOptions`. */
  readonly mostMemoryKb?: number;
  /** Whether the runs' folder is a file system of its own, this large, in kB, and full. */
  readonly diskKb?: number;
  /** Whether the runs' folder cannot be written to while the process runs. */
  readonly readOnly?: boolean;
  /** By default `training-cpu`. */
  readonly scenario?: "training-cpu" | "training-ort";
  /** Whether a checkpoint must be there to be resumed from; otherwise the run may begin anew. */
  readonly keepsCheckpoint?: boolean;
  /** What its process prints, if it says anything of it. */
  readonly says?: RegExp;
  /** Whether it stops, and can be resumed. Otherwise it goes on to its end. */
  readonly stops?: boolean;
  /** The record that is given up: of what there are results. */
  readonly givesUp?: string;
  /** Whether a short budget has room for it. */
  readonly isQuick?: boolean;
}

export const refusals: readonly Refusal[] = [
  {
    title: "the disk is full when a checkpoint is written",
    fault: { action: "ENOSPC", kind: "checkpoint", call: "write", nth: 20 },
    ...{ stops: true, says: /Cannot write .*step-\d+/, isQuick: true },
  },
  {
    title: "the disk is full when metrics are logged",
    fault: { action: "ENOSPC", kind: "metrics", call: "write", nth: 20 },
    ...{ stops: true, says: /ENOSPC/ },
  },
  {
    title: "the disk is full for everything",
    fault: { action: "ENOSPC", call: "write", nth: 150 },
    ...{ stops: true, says: /ENOSPC|Cannot write/ },
  },
  {
    title: "the disk is full when pictures are stored",
    fault: { action: "ENOSPC", kind: "picture", call: "write", nth: 2 },
    ...{ stops: true, says: /Cannot write .*png/ },
  },
  {
    title: "the disk is full when TensorBoard's file grows",
    fault: { action: "ENOSPC", kind: "tensorBoard", call: "write", nth: 9 },
    ...{ givesUp: "tensorboard", says: /tensorBoard/i },
  },
  {
    title: "the disk is full when W&B's log grows",
    fault: { action: "ENOSPC", kind: "wandb", call: "write", nth: 9 },
    ...{ givesUp: "wandb", says: /wandb|W&B/i },
  },
  {
    title: "the disk is full when the table of numbers grows",
    fault: { action: "ENOSPC", kind: "csv", call: "write", nth: 3 },
    ...{ givesUp: "metrics.csv", says: /csv/i },
  },
  {
    title: "the folder of TensorBoard's files is read-only",
    fault: { action: "EROFS", kind: "tensorBoard", nth: 1 },
    ...{ givesUp: "tensorboard", says: /tensorBoard/i, isQuick: true },
  },
  {
    title: "the folder of checkpoints is read-only",
    fault: { action: "EROFS", kind: "checkpoint", nth: 1 },
    ...{ stops: true, says: /EROFS/ },
  },
  {
    title: "the disk fails when a checkpoint is made durable",
    fault: { action: "EIO", kind: "checkpoint", call: "fsync", nth: 12 },
    ...{ stops: true, says: /EIO|Cannot write/ },
  },
  {
    title: "the disk fails when metrics are made durable",
    fault: { action: "EIO", kind: "metrics", call: "fsync", nth: 2 },
    ...{ stops: true, says: /EIO/ },
  },
  {
    title: "the system takes half of what it is given, every time",
    fault: { action: "short", call: "write", nth: 1 },
    isQuick: true,
  },
  { title: "the clock jumps back and forth", jumpingClock: true, isQuick: true },
  {
    title: "a file system is full",
    diskKb: 100,
    ...{ stops: true, says: /ENOSPC|Cannot write/ },
  },
  {
    title: "a file system is mounted read-only",
    diskKb: 20_000,
    ...{ readOnly: true, stops: true, says: /EROFS|read-only/ },
  },
  {
    title: "ONNX Runtime is asked for a tensor that no memory holds",
    scenario: "training-ort",
    env: { SEEDBED_TEST_LARGE: "8388608,8388608" },
    ...{ stops: true, keepsCheckpoint: true, says: outOfMemory("[8388608, 8388608], of 281 TB") },
  },
  {
    title: "the system refuses ONNX Runtime memory that a tensor needs",
    scenario: "training-ort",
    env: { SEEDBED_TEST_LARGE: "16384,32768" },
    mostMemoryKb: 1_500_000,
    ...{ stops: true, keepsCheckpoint: true, says: outOfMemory("[16384, 32768], of 2.15 GB") },
  },
];

function outOfMemory(outputs: string): RegExp {
  const shapes = `Cannot run the graph: .*; it was kernel \\w+ with inputs \\[.*\\] and outputs `;
  return new RegExp(`${shapes}${outputs.replaceAll("[", "\\[").replaceAll("]", "\\]")}`);
}

export interface RefusalOptions {
  readonly place: Place;
  readonly reference: Reference;
}

/** @throws {Error} when the process does otherwise, or anything is lost but what was given up */
export async function checkRefusal(
  scenario: Scenario,
  refusal: Refusal,
  { place, reference }: RefusalOptions,
): Promise<void> {
  const { stops = false, givesUp } = refusal;
  const disk = refusal.diskKb === undefined ? undefined : mountDisk(refusal.diskKb);
  try {
    const own = disk ? { ...place, runs: disk.folder } : place;
    disk?.fill(refusal.readOnly === true);
    await checkFirst(scenario, refusal, own);
    disk?.empty();
    if (stops) {
      const again = await run(scenario, own, refusal.title, {});
      if (again.code !== 0) throw new Error(`Cannot resume: ${again.text}`);
    }
    await checkKept(scenario, givesUp, { place: own, reference });
  } finally {
    disk?.unmount();
  }
}

type FirstProcess = Pick<Refusal, "fault" | "jumpingClock" | "env" | "mostMemoryKb">;

async function run(
  scenario: Scenario,
  place: Place,
  title: string,
  how: FirstProcess,
): Promise<ProcessEnd> {
  const { fault, jumpingClock = false, env, mostMemoryKb } = how;
  const end = await runFaultyProcess({
    ...{ cwd: scenario.cwd, root: place.runs, notes: place.notes },
    ...(fault && { fault }),
    ...(env && { env }),
    ...(mostMemoryKb !== undefined && { mostMemoryKb }),
    ...{ jumpingClock, args: scenario.nextArgs(place)! },
  });
  appendFileSync(path.join(place.notes, "log"), `${title}: ${end.text}\n`);
  return end;
}

/** The process that is refused something. */
async function checkFirst(scenario: Scenario, refusal: Refusal, place: Place): Promise<void> {
  const { fault, stops = false, says = /(?:)/, keepsCheckpoint = false } = refusal;
  const { code, text, happened } = await run(scenario, place, refusal.title, refusal);
  const wanted = stops ? 1 : 0;
  if (fault && happened === undefined) throw new Error("Cannot check: nothing was refused");
  if (code !== wanted || !says.test(text)) {
    throw new Error(
      `Cannot accept a process that ended with ${code}, expected ${wanted} and ${says}:\n${text}`,
    );
  }
  const folder = scenario.folder(place);
  if (existsSync(folder)) await checkWholeFiles(folder);
  const pointer = (file: string): boolean => /checkpoints\/last\.json$/.test(file);
  if (keepsCheckpoint && !filesBelow(folder).some(pointer)) {
    throw new Error(`Cannot accept ${folder}: expected a checkpoint, got none`);
  }
}

/** What is there in the end is what a run has that was left alone, but for what was given up. */
async function checkKept(
  scenario: Scenario,
  givesUp: string | undefined,
  { place, reference }: RefusalOptions,
): Promise<void> {
  const kept = (results: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(results).filter(([name]) => name !== givesUp));
  const results = await scenario.results(place);
  compareResults(scenario.folder(place), kept(results), kept(reference.results));
}
