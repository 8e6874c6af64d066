import { availableParallelism } from "node:os";
import path from "node:path";

import { localLauncher } from "../../launch/localLauncher.ts";
import { writeCommandTrial } from "../../sweep/command/commandFiles.ts";
import { plainPoint } from "../../sweep/point.ts";
import { writeSweepEvents } from "../../sweep/sweepEvents.ts";
import { SweepFolder } from "../../sweep/sweepFolder.ts";
import { sweepRecord, writeSweepRecord } from "../../sweep/sweepRecord.ts";
import { runSweep } from "../../sweep/sweepRunner.ts";
import { writeTrialFiles } from "../../sweep/trialFile.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";
import type { RunSweep } from "../../tracking/runManifest.ts";
import type { CommandContext } from "../command.ts";
import { InterruptedRun } from "../interruptedRun.ts";
import { QuietExit } from "../quietExit.ts";
import { findCommand } from "../trials/programProcess.ts";
import { loadTrialSpec } from "./loadSweep.ts";
import { restorePoints } from "./restorePoints.ts";
import { SweepProgress } from "./sweepProgress.ts";

export interface StartSweepOptions {
  /** The sweep's file, for messages. */
  readonly file: string;
  readonly parallel: number;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  readonly runsFolder: string;
  readonly context: CommandContext;
}

const program = path.resolve(import.meta.dirname, "../seedbed.js");

/**
 * Runs the trials of a sweep that are not finished yet, in processes of their own on this machine,
 * and says what becomes of them.
 *
 * @throws {InterruptedRun} after SIGINT or SIGTERM
 * @throws {QuietExit} with code 1 when trials have failed
 */
export async function startSweep(plan: TrialPlan, options: StartSweepOptions): Promise<void> {
  const { context, parallel, count, file } = options;
  const folder = new SweepFolder(options.runsFolder, plan.spec.name);
  const planned = Math.min(count ?? Infinity, plan.count ?? Infinity);
  const all = Number.isFinite(planned) ? planned : undefined;
  restorePoints(plan, folder);
  const earlier = plan.known(all ?? 0).filter(({ id }) => folder.record(id).status === "finished");
  const finished = earlier.length;
  const progress = new SweepProgress({ plan, folder, finished, count: all, ...context });
  const watch = context.watchSignals({ print: () => {}, warn: stopping(context) });
  const ticks = setInterval(() => progress.tick(), 500);
  context.terminal.print(describeStart(plan, folder, finished, all));
  writeSweepRecord(folder.path, sweepRecord(plan, file));
  writeSweepEvents(folder.path, plan.spec, Date.now() / 1000);
  try {
    await runSweep({
      plan,
      folder,
      launcher: localLauncher(),
      parallel,
      ...(count !== undefined && { count }),
      prepare: (trial) => prepareTrial(plan, trial, { folder, parallel, progress }),
      logFile: ({ id }) => path.join(folder.runFolder(id), "trial.log"),
      listener: progress,
      signal: watch.signal,
    });
  } finally {
    clearInterval(ticks);
    progress.close();
    watch.release();
  }
  if (watch.signal.aborted) {
    const text = `Interrupted: ${folder.path}\nContinue with: seedbed sweep ${file}`;
    throw new InterruptedRun(text, watch.exitCode());
  }
  reportEnd(plan, folder, options, all);
}

const stopping =
  ({ terminal }: CommandContext) =>
  (line: string): void => {
    const name = line.trim().split(":")[0];
    terminal.warn(`\n${name}: stopping the running trials, which save their work first`);
  };

function describeStart(
  plan: TrialPlan,
  folder: SweepFolder,
  finished: number,
  count: number | undefined,
): string {
  const all = count === undefined ? "trials without end" : `${count} trials`;
  const done = finished > 0 ? `, ${finished} of them finished before` : "";
  return `Sweep ${plan.spec.name}, id ${plan.id}: ${all}${done}; ${folder.path}`;
}

interface PrepareOptions {
  readonly folder: SweepFolder;
  readonly parallel: number;
  readonly progress: SweepProgress;
}

/** Checks a trial's spec and writes it into its run's folder. @returns the command to run it */
async function prepareTrial(
  plan: TrialPlan,
  trial: Trial,
  { folder, parallel, progress }: PrepareOptions,
): Promise<string[]> {
  const { limits } = plan.spec;
  const runFolder = path.resolve(folder.runFolder(trial.id));
  progress.prepared(trial, await writeTrial(plan, trial, runFolder));
  const share = Math.max(1, Math.floor(availableParallelism() / parallel));
  const options = ["--attached", "--threads", String(limits.threads ?? share)];
  if (limits.memoryMb !== undefined) options.push("--memory", String(limits.memoryMb));
  return [process.execPath, program, "trial", runFolder, ...options];
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
  writeTrialFiles(folder, sweep, yaml);
  return spec.trainer.maxSteps;
}

function runSweepOf({ id, spec: { name } }: TrialPlan, trial: Trial): RunSweep {
  const { index, group, point } = trial;
  return { id, name, trial: index + 1, group, parameters: plainPoint(point) };
}

function reportEnd(
  plan: TrialPlan,
  folder: SweepFolder,
  { context, file }: StartSweepOptions,
  count: number | undefined,
): void {
  const trials = plan.known(count ?? 0);
  const failed = trials.filter(({ id }) => folder.record(id).status === "failed");
  context.terminal.print(`Compare the trials with: seedbed sweep report ${file}`);
  if (failed.length === 0) return;
  const numbers = failed.map(({ index }) => index + 1).join(", ");
  context.terminal.warn(
    `${failed.length} of ${trials.length} trials failed: ${numbers}; the same command tries them again`,
  );
  throw new QuietExit(1);
}
