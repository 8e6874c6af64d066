import path from "node:path";

import { createLauncher } from "../../launch/index.ts";
import type { ConfiguredLauncher } from "../../launch/launcher.ts";
import type { ProcessLauncherSpec } from "../../spec/launchers/index.ts";
import { restorePoints } from "../../sweep/restorePoints.ts";
import { writeSweepEvents } from "../../sweep/sweepEvents.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import { sweepRecord, writeSweepRecord } from "../../sweep/sweepRecord.ts";
import { runSweep, type SweepEnd } from "../../sweep/sweepRunner.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";
import { keepWarmStart } from "../../sweep/warmStart/warmStartFile.ts";
import type { CommandContext } from "../command.ts";
import { InterruptedRun } from "../interruptedRun.ts";
import { QuietExit } from "../quietExit.ts";
import { exploitTrial } from "./exploitTrial.ts";
import { openSweep, type OpenedSweep } from "./openSweep.ts";
import { prepareTrial } from "./prepareTrial.ts";
import { SweepProgress } from "./sweepProgress.ts";

export interface StartSweepOptions {
  /** The sweep's file, for messages. */
  readonly file: string;
  readonly launcher: ProcessLauncherSpec;
  /** Trials at once, in the place of what the sweep's launcher says. */
  readonly parallel?: number;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  readonly runsFolder: string;
  /** Whether other processes may run the sweep, with which this one shares the trials. */
  readonly joins: boolean;
  /** Address of a database for the journal, as it was typed. */
  readonly journal?: string | undefined;
  readonly context: CommandContext;
}

const program = path.resolve(import.meta.dirname, "../seedbed.js");

/**
 * Runs the trials of a sweep that are not finished yet, in processes of their own, and says what
 * becomes of them.
 *
 * @throws {InputError} when the journal cannot be used
 * @throws {InterruptedRun} after SIGINT or SIGTERM
 * @throws {QuietExit} with code 1 when trials have failed
 */
export async function startSweep(plan: TrialPlan, options: StartSweepOptions): Promise<void> {
  const launcher = await openLauncher(plan, options);
  const { runsFolder, journal, context } = options;
  const { warn } = context.terminal;
  const sweep = await openSweep(plan, { runsFolder, journal, warn, starts: true });
  try {
    await carryOut(plan, { ...options, ...sweep, launcher });
  } finally {
    await sweep.server?.close();
  }
}

interface CarryOutOptions extends Omit<StartSweepOptions, "launcher">, OpenedSweep {
  readonly launcher: ConfiguredLauncher;
}

async function carryOut(plan: TrialPlan, options: CarryOutOptions): Promise<void> {
  const { context, count, file, folder, launcher, server } = options;
  restorePoints(plan, folder);
  const all = plannedCount(plan, count);
  const earlier = plan.known(all ?? 0).filter(({ id }) => folder.record(id).status === "finished");
  const finished = earlier.length;
  const progress = new SweepProgress({
    ...{ plan, folder, finished, ...context },
    count: () => plannedCount(plan, count),
  });
  context.terminal.print(describeStart(plan, folder, finished, all));
  writeSweepRecord(folder.path, sweepRecord(plan, file));
  writeSweepEvents(folder.path, plan.spec, Date.now() / 1000);
  const { spec, id, warmStart } = plan;
  if (warmStart) keepWarmStart(spec, { runsFolder: options.runsFolder, id }, warmStart);
  const watch = context.watchSignals({ print: () => {}, warn: stopping(context) });
  const ticks = setInterval(() => progress.tick(), 500);
  let end: SweepEnd;
  try {
    end = await runSweep({
      plan,
      folder,
      launcher,
      parallel: launcher.parallel,
      joins: options.joins,
      ...(server && { meeting: server.meeting }),
      ...(count !== undefined && { count }),
      async prepare(trial) {
        const { args, maxSteps } = await prepareTrial(plan, trial, folder, launcher);
        progress.prepared(trial, maxSteps);
        return [process.execPath, program, ...args];
      },
      logFile: ({ id }) => path.join(folder.runFolder(id), "trial.log"),
      exploit: (exploit) => exploitTrial(plan, exploit, folder),
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
  if (end === "stopped") {
    context.terminal.print(`Stopped: ${folder.path}\nContinue with: seedbed sweep ${file}`);
    return;
  }
  reportEnd(plan, folder, options, plannedCount(plan, count));
}

/** How many trials there are to be; grows when some are added. Undefined when nobody knows. */
function plannedCount(plan: TrialPlan, count: number | undefined): number | undefined {
  const planned = Math.min(count ?? Infinity, plan.count ?? Infinity);
  return Number.isFinite(planned) ? planned : undefined;
}

/** @throws {InputError} when it could start nothing */
async function openLauncher(
  { spec, count: all, independent }: TrialPlan,
  { launcher: asked, parallel, count, context }: StartSweepOptions,
): Promise<ConfiguredLauncher> {
  const planned = Math.min(count ?? Infinity, all ?? Infinity);
  const hasTarget = spec.objectives.some(({ target }) => target !== undefined);
  const mayEndEarly = hasTarget || spec.maxSeconds !== undefined;
  const isReady = independent === undefined && !mayEndEarly && Number.isFinite(planned);
  const launcher = createLauncher(asked, {
    ...(parallel !== undefined && { parallel }),
    ...(isReady && { ready: planned }),
    warn: context.terminal.warn,
  });
  await launcher.check();
  return launcher;
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

function reportEnd(
  plan: TrialPlan,
  folder: SweepFolder,
  { context, file }: Pick<StartSweepOptions, "context" | "file">,
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
