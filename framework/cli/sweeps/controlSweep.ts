import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { loadSweepSpec } from "../../spec/loadSweepSpec.ts";
import { writeSweepWish, type SweepWish } from "../../sweep/sweepControl.ts";
import { isSweepRunning } from "../../sweep/sweepWorkers.ts";

const done = { pause: "paused", run: "resumed", stop: "stopped" } as const;
const verbs = { pause: "pause", run: "resume", stop: "stop" } as const;

/**
 * Asks the processes that run a sweep for something.
 *
 * @returns what there is to tell
 * @throws {InputError} when no process runs it
 */
export function controlSweep(file: string, runsFolder: string, wish: SweepWish): string {
  const { name } = loadSweepSpec(file);
  const folder = path.join(runsFolder, name);
  if (!isSweepRunning(folder)) {
    throw new InputError(
      `Cannot ${verbs[wish.wish]} sweep ${name}: no process runs it in ${folder}; start one with: seedbed sweep ${file}`,
    );
  }
  writeSweepWish(folder, wish);
  const how = wish.finish ? ", once its running trials have ended" : "";
  return `Sweep ${name} is ${done[wish.wish]}${how}: ${folder}`;
}
