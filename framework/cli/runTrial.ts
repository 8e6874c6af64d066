import { existsSync } from "node:fs";
import path from "node:path";

import { singleProcess } from "../distributed/world.ts";
import { readCommandFile } from "../sweep/command/commandFiles.ts";
import { readTrialFile } from "../sweep/trialFile.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import type { CommandContext, WorkerContext } from "./command.ts";
import { childrensMemory } from "./trials/childrensMemory.ts";
import { withMemoryLimit } from "./trials/memoryLimit.ts";
import { waitForOwner } from "./waitForOwner.ts";

/** This trial's share of the machine. */
export interface TrialShare {
  /** Where the spec does not say; undefined: all. */
  readonly threads: number | undefined;
  /** At most so many MB of memory; undefined: any. */
  readonly memoryMb: number | undefined;
}

/**
 * Carries out a trial in the folder that its sweep has made, from its last checkpoint if it has
 * begun before, to its end or until it is to pause. SIGUSR2 ends it with 75 once its work is saved.
 *
 * @throws {InputError} when the folder is no trial's, or its run cannot be resumed
 */
export async function runTrial(
  folder: string,
  { threads, memoryMb }: TrialShare,
  context: CommandContext,
): Promise<void> {
  const { sweep, stage, specFile } = readTrialFile(folder);
  const command = readCommandFile(folder);
  const used = command ? () => childrensMemory(process.pid) : () => process.memoryUsage.rss();
  const launched: CommandContext = {
    ...context,
    watchSignals: (terminal) => context.watchSignals(terminal, "launcher"),
  };
  const limited =
    memoryMb === undefined
      ? launched
      : withMemoryLimit(launched, { bytes: memoryMb * 2 ** 20, used });
  const hasBegun = existsSync(manifestPath(folder));
  if (hasBegun) await waitForOwner(folder, context.terminal.warn);
  if (command) {
    const { runCommandTrial } = await import("./trials/runCommandTrial.ts");
    return runCommandTrial({ folder, sweep, specFile, command, threads, context: limited });
  }
  const own: WorkerContext = { ...limited, world: singleProcess, threads };
  const parentDirectory = path.dirname(folder);
  if (hasBegun) {
    const { resumeRun } = await import("./resumeRun.ts");
    return resumeRun(folder, { runsFolder: parentDirectory, context: own, stage });
  }
  const { loadExperimentSpec } = await import("./loadExperimentSpec.ts");
  const { startRun } = await import("./startRun.ts");
  const loaded = await loadExperimentSpec(specFile);
  const trial = { id: path.basename(folder), parentDirectory, sweep };
  const runsFolder = path.dirname(parentDirectory);
  await startRun(loaded, { runsFolder, context: own, trial, stage });
}
