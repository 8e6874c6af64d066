import { appendFileSync } from "node:fs";
import path from "node:path";

import type { Reference } from "./breaking.ts";
import { compareResults } from "./checks/results.ts";
import { checkWholeFiles } from "./checks/wholeFiles.ts";
import type { Fault } from "./faults/fault.ts";
import { runFaultyProcess } from "./faults/faultyProcess.ts";
import type { Place, Scenario } from "./scenario.ts";

/** What a training does when the system does not do what it is asked to. */
export interface Refusal {
  readonly title: string;
  readonly fault?: Fault;
  readonly jumpingClock?: boolean;
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
];

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
  const { stops = false, says = /(?:)/, givesUp, fault, jumpingClock = false } = refusal;
  const common = { cwd: scenario.cwd, root: place.runs, notes: place.notes };
  const run = async (how: Pick<Refusal, "fault" | "jumpingClock">) => {
    const end = await runFaultyProcess({ ...common, ...how, args: scenario.nextArgs(place)! });
    appendFileSync(path.join(place.notes, "log"), `${refusal.title}: ${end.text}\n`);
    return end;
  };
  const { code, text, happened } = await run({ ...(fault && { fault }), jumpingClock });
  const wanted = stops ? 1 : 0;
  if (fault && happened === undefined) throw new Error("Cannot check: nothing was refused");
  if (code !== wanted || !says.test(text)) {
    throw new Error(
      `Cannot accept a process that ended with ${code}, expected ${wanted} and ${says}:\n${text}`,
    );
  }
  await checkWholeFiles(scenario.folder(place));
  if (stops) {
    const again = await run({});
    if (again.code !== 0) throw new Error(`Cannot resume: ${again.text}`);
  }
  const kept = (results: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(results).filter(([name]) => name !== givesUp));
  const results = await scenario.results(place);
  compareResults(scenario.folder(place), kept(results), kept(reference.results));
}
