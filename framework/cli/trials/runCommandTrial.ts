import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { readSpec } from "../../spec/readSpec.ts";
import { toPlain } from "../../spec/specNode.ts";
import { programFolder, type CommandFile } from "../../sweep/command/commandFiles.ts";
import { createRun } from "../../tracking/createRun.ts";
import { openRun } from "../../tracking/openRun.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { ProcessRecord } from "../../tracking/processRecord.ts";
import type { Run } from "../../tracking/run.ts";
import { manifestPath, type RunSweep } from "../../tracking/runManifest.ts";
import type { RunSummary } from "../../tracking/runOutcome.ts";
import type { CommandContext } from "../command.ts";
import { InterruptedRun } from "../interruptedRun.ts";
import { QuietExit } from "../quietExit.ts";
import { followMetrics } from "./followMetrics.ts";
import { ProgramMetrics } from "./programMetrics.ts";
import { startProgram, type ProgramEnd } from "./programProcess.ts";

export interface CommandTrialRun {
  /** Of the trial's run. */
  readonly folder: string;
  readonly sweep: RunSweep;
  readonly specFile: string;
  readonly command: CommandFile;
  /** This trial's share of the machine; undefined: all of it. */
  readonly threads: number | undefined;
  readonly context: CommandContext;
}

/** As W&B's agent. */
const graceSeconds = 30;

/**
 * Carries out a trial whose program is no spec, as a run of its own: what the program prints, how it
 * ends and which numbers it leaves are kept.
 *
 * @throws {InterruptedRun} when it was asked to stop
 * @throws {QuietExit} with the program's exit code when that is not 0
 */
export async function runCommandTrial(trial: CommandTrialRun): Promise<void> {
  const { context } = trial;
  const run = open(trial);
  const { warn } = context.terminal;
  const record = new ProcessRecord({
    folder: run.folder,
    ...{ consoleOutput: true, systemMetricsSeconds: 10, warn },
  });
  const watch = context.watchSignals({ print: () => {}, warn: () => {} });
  try {
    const end = await carryOut(trial, run, watch.signal);
    if (watch.signal.reason instanceof InputError) throw watch.signal.reason;
    if (watch.signal.aborted) {
      await run.finish("interrupted", {}, watch.exitCode());
      throw new InterruptedRun(`Interrupted: ${run.folder}`, watch.exitCode());
    }
    if (end.exitCode === 0) return await run.finish("finished", end.summary);
    await run.finish("failed", { ...end.summary, error: wordsOf(end) }, codeOf(end));
    throw new QuietExit(codeOf(end));
  } catch (error) {
    await run.finish("failed", { error: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    watch.release();
    await record.stop();
  }
}

function open({ folder, sweep, specFile, context }: CommandTrialRun): Run {
  const command = ["seedbed", ...context.args];
  if (existsSync(manifestPath(folder))) return openRun(folder, { command });
  const spec = toPlain(readSpec(specFile).root);
  const config = isRecord(spec) ? spec : {};
  const { seed } = config;
  return createRun({
    ...{ id: path.basename(folder), parentDirectory: path.dirname(folder), name: sweep.name },
    ...{
      seed: typeof seed === "number" ? seed : 0,
      spec: config,
      specYaml: readFileSync(specFile, "utf8"),
    },
    ...{ command, sweep },
  });
}

interface SummedEnd extends ProgramEnd {
  readonly summary: RunSummary;
}

async function carryOut(
  { command, threads }: CommandTrialRun,
  run: Run,
  signal: AbortSignal,
): Promise<SummedEnd> {
  const metrics = new ProgramMetrics(programFolder(run.folder), Date.now() / 1000);
  const program = startProgram({ ...command, graceSeconds, threads });
  const stop = (): void => (signal.reason instanceof InputError ? program.kill() : program.stop());
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const stopFollowing = followMetrics(metrics, run);
  let end: ProgramEnd;
  try {
    end = await program.ended;
  } finally {
    signal.removeEventListener("abort", stop);
    await stopFollowing();
  }
  return { ...end, summary: metrics.summary() }; // what its last words sum up
}

/** As shells report it. */
const codeOf = ({ exitCode, signal }: ProgramEnd): number =>
  exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]);

function wordsOf({ exitCode, signal, lastWords }: ProgramEnd): string {
  if (lastWords !== "") return lastWords;
  return signal === null ? `the program ended with ${exitCode}` : `the program got ${signal}`;
}
