import path from "node:path";

import { readManifest } from "../../tracking/runManifest.ts";
import { findRun } from "../../tracking/runStore.ts";
import { checkSpecUnchanged } from "../checkSpecUnchanged.ts";
import type { WorkerContext } from "../command.ts";
import { loadExperimentSpec } from "../loadExperimentSpec.ts";
import { QuietExit } from "../quietExit.ts";
import { startRun } from "../startRun.ts";
import {
  compareOutcomes,
  differenceExitCode,
  isBitIdentical,
  outcomeLines,
} from "./compareOutcomes.ts";
import { environmentChanges } from "./environmentChanges.ts";

export interface ReproduceOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  readonly context: WorkerContext;
}

/**
 * Carries a run out again, as a new one, from what is recorded of it: first says what has changed
 * since, at last whether everything came out the same.
 *
 * @param reference the run's folder, its id, or the beginning of its id
 * @throws {InputError} when its spec is not the one that it was carried out with
 * @throws {QuietExit} when anything came out differently, after it was said
 */
export async function reproduceRun(
  reference: string,
  { runsFolder, context }: ReproduceOptions,
): Promise<void> {
  const { print } = context.terminal;
  const folder = findRun(runsFolder, reference);
  const manifest = readManifest(folder);
  const otherwise = "its spec.yaml is not the one it was carried out with";
  checkSpecUnchanged(folder, manifest, "reproduce", otherwise);
  const changes = environmentChanges(folder, manifest, process.cwd());
  print(changes.length === 0 ? "Nothing that is recorded has changed since" : "Changed since:");
  for (const line of changes) print(line);
  const loaded = await loadExperimentSpec(path.join(folder, "spec.yaml"));
  const again = await startRun(loaded, { runsFolder, context });
  const outcome = compareOutcomes(folder, again);
  print(`${folder} and ${again}:`);
  for (const line of outcomeLines(outcome)) print(line);
  if (!isBitIdentical(outcome)) throw new QuietExit(differenceExitCode);
}
