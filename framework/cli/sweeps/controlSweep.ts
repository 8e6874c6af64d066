import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { loadSweepSpec } from "../../spec/loadSweepSpec.ts";
import { checkNotAttached } from "../../sweep/postgres/attachment.ts";
import { readJournalAddress } from "../../sweep/postgres/journalAddress.ts";
import { writeSweepWish, type SweepWish } from "../../sweep/sweepControl.ts";
import { isSweepRunning } from "../../sweep/sweepWorkers.ts";

const done = { pause: "paused", run: "resumed", stop: "stopped" } as const;
const verbs = { pause: "pause", run: "resume", stop: "stop" } as const;

export interface ControlSweepOptions {
  readonly runsFolder: string;
  readonly wish: SweepWish;
  /** Address of a database with its journal, as it was typed. */
  readonly journal?: string | undefined;
}

/**
 * Asks the processes that run a sweep for something.
 *
 * @returns what there is to tell
 * @throws {InputError} when no process runs it
 */
export async function controlSweep(
  file: string,
  { runsFolder, wish, journal }: ControlSweepOptions,
): Promise<string> {
  const { name } = loadSweepSpec(file);
  const folder = path.join(runsFolder, name);
  const address = readJournalAddress(journal, process.env);
  const place = address ? `by the journal ${address.shown}` : `in ${folder}`;
  if (!address) checkNotAttached(folder);
  if (!(await ask())) {
    throw new InputError(
      `Cannot ${verbs[wish.wish]} sweep ${name}: no process runs it ${place}; start one with: seedbed sweep ${file}`,
    );
  }
  const how = wish.finish ? ", once its running trials have ended" : "";
  return `Sweep ${name} is ${done[wish.wish]}${how}: ${address?.shown ?? folder}`;

  async function ask(): Promise<boolean> {
    if (address) {
      const { wishServerSweep } = await import("../../sweep/postgres/serverSweep.ts");
      return wishServerSweep(address, name, wish);
    }
    if (!isSweepRunning(folder)) return false;
    writeSweepWish(folder, wish);
    return true;
  }
}
