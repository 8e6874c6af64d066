import { existsSync } from "node:fs";
import path from "node:path";

import { singleProcess } from "../distributed/world.ts";
import { readTrialFile } from "../sweep/trialFile.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import type { CommandContext, WorkerContext } from "./command.ts";
import { loadExperimentSpec } from "./loadExperimentSpec.ts";
import { resumeRun } from "./resumeRun.ts";
import { startRun } from "./startRun.ts";

/**
 * Carries out a trial in the folder that its sweep has made, from its last checkpoint if it has
 * begun before.
 *
 * @param threads of the backend, where the spec does not say; undefined: all
 * @throws {InputError} when the folder is no trial's, or its run cannot be resumed
 */
export async function runTrial(
  folder: string,
  threads: number | undefined,
  context: CommandContext,
): Promise<void> {
  const { sweep, specFile } = readTrialFile(folder);
  const own: WorkerContext = { ...context, world: singleProcess, threads };
  const parentDirectory = path.dirname(folder);
  if (existsSync(manifestPath(folder))) {
    return resumeRun(folder, { runsFolder: parentDirectory, context: own });
  }
  const loaded = await loadExperimentSpec(specFile);
  const trial = { id: path.basename(folder), parentDirectory, sweep };
  await startRun(loaded, { runsFolder: parentDirectory, context: own, trial });
}
