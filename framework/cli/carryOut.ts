import path from "node:path";

import type { Compile } from "../base/compile.ts";
import { InputError } from "../base/errors.ts";
import { WorkerError } from "../distributed/workerError.ts";
import type { ExperimentContext } from "../experiment/experiment.ts";
import type { ExperimentSpec } from "../spec/experimentSpec.ts";
import type { TrialStage } from "../sweep/trialFile.ts";
import { openLoggers } from "../tracking/openLoggers.ts";
import { ProcessRecord } from "../tracking/processRecord.ts";
import type { Run } from "../tracking/run.ts";
import { pausedExitCode } from "../tracking/runManifest.ts";
import type { RunOutcome, RunSummary } from "../tracking/runOutcome.ts";
import type { Callback } from "../training/callback.ts";
import { readCheckpointContent } from "../training/checkpoint.ts";
import { readPointer } from "../training/checkpointFolder.ts";
import { InterruptedError } from "../training/interruptedError.ts";
import { checkOffload } from "../training/offloadedState.ts";
import { pauseAtStep } from "../training/pauseAtStep.ts";
import { Trainer } from "../training/trainer.ts";
import type { WorkerContext } from "./command.ts";
import { InterruptedRun } from "./interruptedRun.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";
import { describeProblem } from "./problem.ts";
import { describeRunFolder } from "./runFolder.ts";

/** A TF.js backend made active. */
export interface OpenBackend {
  readonly compile: Compile;
  /** One line on what it did. */
  report(): string;
}

/** Which forms of convolutions were the fastest here. */
const formsFile = path.join(".cache", "seedbed", "forms.json");

/**
 * @param share threads to use where the spec does not say
 * @throws {InputError} when `benchmark` is asked for together with `deterministic`, or of a backend
 *   that has nothing to choose from, or what does not go with `optimizer.offload`
 */
export async function openBackend(
  { trainer, optimizer }: ExperimentSpec,
  share: number | undefined,
): Promise<OpenBackend> {
  if (trainer.benchmark && trainer.deterministic) {
    throw new InputError(
      "Cannot use trainer.benchmark with trainer.deterministic: what is fastest is measured, and forms differ in the last digits; set trainer.deterministic to false",
    );
  }
  if (trainer.benchmark && trainer.backend !== "ort") {
    throw new InputError(
      `Cannot use trainer.benchmark with trainer.backend ${trainer.backend}: only ort has forms to choose from`,
    );
  }
  if (isOffloading(optimizer)) checkOffload(trainer);
  const { useBackend } = await import("../backend/register.ts");
  const threads = trainer.threads ?? share;
  return useBackend(trainer.backend, {
    ...(threads !== undefined && { threads }),
    ...(trainer.benchmark && { formsFile }),
  });
}

const isOffloading = (optimizer: ExperimentSpec["optimizer"]): boolean =>
  (optimizer?.["offload"] ?? false) !== false;

/** One run and all that carrying it out needs. */
export interface Undertaking {
  readonly loaded: LoadedSpec;
  readonly run: Run;
  readonly backend: OpenBackend;
  readonly context: WorkerContext;
  /** Where to continue, when the run is resumed. */
  readonly checkpoint?: { readonly folder: string; readonly step: number };
  /** How far its sweep wants it to go now. */
  readonly stage?: TrialStage;
}

/**
 * Runs the experiment, records how it ended and what was printed meanwhile, and prints where
 * everything is; the summary comes last. One that pauses counts as interrupted, with exit code 0.
 *
 * @throws {InterruptedRun} after SIGINT or SIGTERM; anything else as the experiment threw it
 */
export async function carryOut(undertaking: Undertaking): Promise<void> {
  const record = openProcessRecord(undertaking);
  try {
    await carryOutWatched(undertaking);
  } catch (error) {
    record?.say(describeProblem(error).message);
    throw error;
  } finally {
    await record?.stop();
  }
}

/** Of rank 0, which has the run's folder. */
function openProcessRecord({ loaded, run, context }: Undertaking): ProcessRecord | undefined {
  if (context.world.rank !== 0) return undefined;
  const { warn } = context.terminal;
  return new ProcessRecord({ folder: run.folder, ...loaded.spec.tracking, warn });
}

async function carryOutWatched(undertaking: Undertaking): Promise<void> {
  const { run, backend, context } = undertaking;
  const { print } = context.terminal;
  const watch = context.watchSignals();
  const pause = new AbortController();
  const signal = AbortSignal.any([watch.signal, pause.signal]);
  try {
    print(`Run ${run.folder}`);
    const summary = await runExperiment(undertaking, signal, () => pause.abort());
    signal.throwIfAborted();
    await context.world.gather("the end of the experiment", "");
    recordCheckpoint(run);
    await run.finish("finished", summary);
    for (const line of [...describeRunFolder(run.folder), backend.report()]) print(line);
    for (const [name, value] of Object.entries(summary)) print(`${name}: ${formatValue(value)}`);
  } catch (error) {
    const { reason } = watch.signal;
    const isLimit = reason instanceof InputError;
    if (isLimit || (!isInterruption(error) && error !== signal.reason)) {
      const problem: unknown = isLimit ? reason : error;
      await finish(undertaking, "failed", problem, describeProblem(problem).exitCode);
      throw problem;
    }
    if (pause.signal.aborted && !watch.signal.aborted) {
      await finish(undertaking, "interrupted", error, pausedExitCode);
      return print(`Paused at step ${undertaking.stage?.untilStep}: ${run.folder}`);
    }
    const exitCode = error instanceof WorkerError ? error.problem.exitCode : watch.exitCode();
    await finish(undertaking, "interrupted", error, exitCode);
    const text = `Interrupted: ${run.folder}\nContinue with: seedbed resume ${run.folder}`;
    throw new InterruptedRun(text, exitCode, { cause: error });
  } finally {
    watch.release();
  }
}

/** The best checkpoint is what the run has made, or the last one where none is known to be best. */
function recordCheckpoint(run: Run): void {
  const folder = run.checkpointsFolder;
  const name = readPointer(folder, "best") ? "best" : "last";
  const pointer = readPointer(folder, name);
  if (!pointer) return;
  const { checkpoint, step } = pointer;
  run.recordArtifact({ name, type: "checkpoint", path: path.join(folder, checkpoint), step });
}

/** Also that of another worker. */
function isInterruption(error: unknown): boolean {
  if (error instanceof WorkerError) return error.problem.isInterrupted;
  return error instanceof InterruptedError;
}

async function runExperiment(
  undertaking: Undertaking,
  signal: AbortSignal,
  pause: () => void,
): Promise<RunSummary> {
  const { loaded, context, stage } = undertaking;
  const { experiment } = loaded;
  if (context.world.rank === 0) await openRunLoggers(undertaking);
  if (stage?.logsParameters) await logSweepParameters(undertaking);
  return experiment.run(experimentContext(undertaking, signal, pause));
}

async function openRunLoggers({ loaded, run, context }: Undertaking): Promise<void> {
  const { spec } = loaded;
  await openLoggers(run, {
    parameters: spec,
    ...spec.loggers,
    print: context.terminal.print,
    warn: context.terminal.warn,
  });
}

/** What the sweep has set, from the step on at which the run begins or goes on. */
async function logSweepParameters({ run, checkpoint }: Undertaking): Promise<void> {
  const progress = checkpoint && readCheckpointContent(checkpoint.folder).progress;
  const { step = 0, epoch = 0 } = progress ?? {};
  const point = { step, epoch, wallTimeSeconds: Date.now() / 1000 };
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(run.manifest.sweep?.parameters ?? {})) {
    if (typeof value === "number") numbers[`sweep/${name}`] = value;
    else await run.logText(`sweep/${name}`, JSON.stringify(value), point);
  }
  await run.logMetrics(numbers, point);
}

function experimentContext(
  { loaded, run, backend, checkpoint, context, stage }: Undertaking,
  signal: AbortSignal,
  pause: () => void,
): ExperimentContext {
  const { spec } = loaded;
  const { world } = context;
  const { print } = context.terminal;
  const { compile } = backend;
  const { untilStep } = stage ?? {};
  const pauses = untilStep === undefined ? [] : [pauseAtStep(untilStep, pause)];
  return {
    spec,
    run,
    world,
    compile,
    signal,
    ...(checkpoint && { resumeFrom: checkpoint.folder }),
    createTrainer: (extra: readonly Callback[] = []) =>
      new Trainer({
        ...spec.trainer,
        seed: spec.seed,
        callbacks: [...loaded.createCallbacks(), ...extra, ...pauses],
        loggers: run.loggers,
        checkpointsFolder: run.checkpointsFolder,
        specHash: run.manifest.specSha256,
        spec,
        world,
        compile,
        signal,
        print,
      }),
    print,
  };
}

/** Records a bad end; what fails meanwhile must not hide what went wrong first. */
async function finish(
  { run, context }: Undertaking,
  outcome: RunOutcome,
  error: unknown,
  exitCode: number,
): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  try {
    await run.finish(outcome, outcome === "failed" ? { error: reason } : {}, exitCode);
  } catch (second) {
    context.terminal.warn(`Cannot finish run ${run.folder}: ${String(second)}`);
  }
}

/** Numbers as a reader wants them; `manifest.json` has every digit. */
function formatValue(value: number | string): string {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
}
