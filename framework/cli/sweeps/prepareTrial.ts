import path from "node:path";

import type { ConfiguredLauncher } from "../../launch/launcher.ts";
import { writeCommandTrial } from "../../sweep/command/commandFiles.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import { writeTrialFiles } from "../../sweep/trialFile.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";
import { findCommand } from "../trials/programProcess.ts";
import { loadTrialSpec } from "./loadSweep.ts";
import { runSweepOf } from "./runSweepOf.ts";

/** A trial whose folder has what its process needs. */
export interface PreparedTrial {
  /** What to call Seedbed with. */
  readonly args: readonly string[];
  /** As far as its spec says. */
  readonly maxSteps: number | undefined;
}

/** Checks a trial's spec and writes it into its run's folder. */
export async function prepareTrial(
  plan: TrialPlan,
  trial: Trial,
  folder: SweepFolder,
  { threads, lifeline }: Pick<ConfiguredLauncher, "threads" | "lifeline">,
): Promise<PreparedTrial> {
  const { limits } = plan.spec;
  const runFolder = path.resolve(folder.runFolder(trial.id));
  const maxSteps = await writeTrial(plan, trial, runFolder);
  const args = ["trial", runFolder, "--threads", String(limits.threads ?? threads)];
  if (limits.memoryMb !== undefined) args.push("--memory", String(limits.memoryMb));
  if (lifeline !== undefined) args.push("--lifeline", lifeline);
  return { args, maxSteps };
}

/** @returns how many steps it is going to have, as far as that is known */
async function writeTrial(
  plan: TrialPlan,
  trial: Trial,
  folder: string,
): Promise<number | undefined> {
  const { command } = plan.spec;
  const sweep = runSweepOf(plan, trial);
  if (command) {
    const { env: environment } = process;
    const interpreter = findCommand("python", environment) ? "python" : "python3";
    const config = plan.treeOf(trial);
    writeCommandTrial({ folder, sweep, command, config, interpreter, environment });
    return undefined;
  }
  const { spec, yaml } = await loadTrialSpec(plan, trial);
  writeTrialFiles(folder, sweep, yaml, trial.stage);
  return spec.trainer.maxSteps;
}
