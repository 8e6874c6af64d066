import { mkdirSync, utimesSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { InputError, SpecError } from "../base/errors.ts";
import type { LaunchedTask, LaunchEnd, Launcher } from "../launch/launcher.ts";
import { lockRun, runOwner } from "../tracking/runLock.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import { Journal, type JournalEvent, type TrialOutcome } from "./journal.ts";
import { Observations } from "./observations.ts";
import { createPruner } from "./pruners/index.ts";
import { PruneWatch } from "./pruneWatch.ts";
import { recordPoint } from "./recordedPoint.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import { trialMetric, type TrialRecord } from "./trialRecord.ts";

/** What there is to tell while a sweep runs. */
export interface SweepListener {
  started(trial: Trial): void;
  /** @param willRetry whether it is taken up again by itself */
  ended(trial: Trial, record: TrialRecord, willRetry: boolean): void;
  /** Another process still runs a trial: one that a killed sweep has left, which stops soon. */
  waitsFor(trial: Trial, pid: number): void;
}

export interface SweepRunnerOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly launcher: Launcher;
  /** Trials that run at once. */
  readonly parallel: number;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  /** Puts a trial into its run's folder. @returns the command that carries it out */
  readonly prepare: (trial: Trial) => Promise<readonly string[]>;
  /** Where a run's process writes what it prints. */
  readonly logFile: (trial: Trial) => string;
  readonly listener: SweepListener;
  /** Stops all trials, so that they can be taken up again. */
  readonly signal: AbortSignal;
  /** Before a crashed trial's first retry; doubled for each further one. */
  readonly backoffSeconds?: number;
  /** Between two looks at what running trials log, to stop those that promise little. */
  readonly lookSeconds?: number;
  readonly nowMs?: () => number;
}

/** Seconds between two looks at a trial that another process still runs. */
const pollSeconds = 0.5;
/** Seconds between two signs of life in the sweep's folder, for runners on other machines. */
const heartbeatSeconds = 60;

/**
 * Carries out a sweep's trials, each in a process of its own: those that are not finished yet, in
 * order. One that crashes is taken up again from its last checkpoint, at most `retries` times; one
 * that fails does not stop the others.
 *
 * @throws {InputError} when another process runs the sweep
 */
export async function runSweep(options: SweepRunnerOptions): Promise<void> {
  const { folder } = options;
  mkdirSync(folder.path, { recursive: true });
  const unlock = lockRun(folder.path, folder.journalFile);
  const journal = new Journal(folder.journalFile);
  const beat = setInterval(() => touch(folder.journalFile), heartbeatSeconds * 1000).unref();
  try {
    await new SweepRunner(options, journal).run();
  } finally {
    clearInterval(beat);
    journal.close();
    unlock();
  }
}

function touch(file: string): void {
  const now = new Date();
  utimesSync(file, now, now);
}

class SweepRunner {
  readonly #options: SweepRunnerOptions;
  readonly #journal: Journal;
  readonly #running = new Map<Trial, LaunchedTask>();
  readonly #pruning: PruneWatch | undefined;
  /** Why running trials were asked to stop. */
  readonly #pruned = new Map<Trial, string>();
  readonly #observations: Observations | undefined;
  #next = 0;
  #spentSeconds = 0;
  #hasReachedTarget = false;

  constructor(options: SweepRunnerOptions, journal: Journal) {
    const { metric, earlyTerminate } = options.plan.spec;
    this.#options = options;
    this.#journal = journal;
    this.#observations = metric && new Observations(metric);
    this.#pruning =
      metric &&
      earlyTerminate &&
      new PruneWatch(createPruner(earlyTerminate), options.folder, metric);
  }

  async run(): Promise<void> {
    const { signal, parallel } = this.#options;
    const stopAll = (): void => {
      for (const task of this.#running.values()) task.stop();
    };
    const { lookSeconds = 2 } = this.#options;
    const looks = setInterval(() => this.#prune(), lookSeconds * 1000);
    signal.addEventListener("abort", stopAll);
    try {
      await Promise.all(Array.from({ length: parallel }, () => this.#work()));
    } finally {
      clearInterval(looks);
      signal.removeEventListener("abort", stopAll);
    }
  }

  /** Stops trials that promise little. */
  #prune(): void {
    const running = [...this.#running.keys()].filter((trial) => !this.#pruned.has(trial));
    for (const [trial, reason] of this.#pruning?.reasons(running) ?? []) {
      this.#pruned.set(trial, reason);
      this.#running.get(trial)?.stop();
    }
  }

  /** Takes one trial after another, until there are no more. */
  async #work(): Promise<void> {
    for (let trial = this.#take(); trial; trial = this.#take()) await this.#carryOut(trial);
  }

  #take(): Trial | undefined {
    const { folder, count = Infinity } = this.#options;
    while (this.#next < count && !this.#isOver()) {
      const trial = this.#nextTrial();
      if (!trial) return undefined;
      this.#next++;
      const record = folder.record(trial.id);
      if (record.status !== "finished" && record.status !== "pruned") return trial;
      this.#account(trial, record);
    }
    return undefined;
  }

  /** A point that a searcher has learnt is noted, so that a restart need not find the same again. */
  #nextTrial(): Trial | undefined {
    const { plan } = this.#options;
    const { pointCount, independent, id: sweep, spec } = plan;
    const observations = independent === undefined ? [] : this.#observations?.list();
    const trial = plan.trialAt(this.#next, observations);
    if (trial && independent !== undefined && plan.pointCount > pointCount) {
      this.#note(trial, { event: "suggested", sweep, point: recordPoint(spec, trial.point) });
    }
    return trial;
  }

  #isOver(): boolean {
    const { plan, signal } = this.#options;
    const isLate = this.#spentSeconds >= (plan.spec.maxSeconds ?? Infinity);
    return signal.aborted || isLate || this.#hasReachedTarget;
  }

  /** Counts what a trial took, and whether it is as good as was asked for. */
  #account(trial: Trial, record: TrialRecord): void {
    const { plan, folder } = this.#options;
    const { metric } = plan.spec;
    this.#spentSeconds += record.seconds;
    this.#pruning?.ended(trial, record.status === "finished");
    const isNeeded = metric?.target !== undefined || plan.independent !== undefined;
    if (!metric || !isNeeded || record.status !== "finished") return;
    const value = trialMetric(folder.runFolder(trial.id), record, metric.name);
    if (value === undefined) return;
    this.#observations?.add(trial, value);
    if (metric.target === undefined) return;
    const isReached = metric.goal === "maximize" ? value >= metric.target : value <= metric.target;
    if (isReached) this.#hasReachedTarget = true;
  }

  async #carryOut(trial: Trial): Promise<void> {
    const { plan, folder, listener, signal } = this.#options;
    for (let retries = plan.spec.retries; ; retries--) {
      if (await this.#isDoneElsewhere(trial)) return this.#account(trial, folder.record(trial.id));
      if (signal.aborted) return;
      const isCrash = await this.#tryOnce(trial);
      const record = folder.record(trial.id);
      const willRetry = isCrash && retries > 0 && !signal.aborted;
      listener.ended(trial, record, willRetry);
      if (!willRetry) return this.#account(trial, record);
      await this.#pause(2 ** (plan.spec.retries - retries));
    }
  }

  /** Waits while another process runs the trial. @returns whether that one has finished it */
  async #isDoneElsewhere(trial: Trial): Promise<boolean> {
    const { folder, listener, signal } = this.#options;
    const runFolder = folder.runFolder(trial.id);
    let told = false;
    while (!signal.aborted && folder.record(trial.id).status === "running") {
      const owner = runOwner(runFolder, manifestPath(runFolder));
      if (owner && !told) listener.waitsFor(trial, owner.pid);
      told = true;
      await pauseFor(pollSeconds, signal);
    }
    return folder.record(trial.id).status === "finished";
  }

  async #pause(factor: number): Promise<void> {
    const { backoffSeconds = 1, signal } = this.#options;
    await pauseFor(backoffSeconds * factor, signal);
  }

  /** @returns whether the trial crashed, which another try may mend */
  async #tryOnce(trial: Trial): Promise<boolean> {
    const { nowMs = () => performance.now(), listener } = this.#options;
    const startMs = nowMs();
    this.#pruning?.starts(trial);
    this.#note(trial, { event: "started" });
    listener.started(trial);
    const { outcome, reason, isCrash } = await this.#runToEnd(trial);
    const seconds = (nowMs() - startMs) / 1000;
    this.#note(trial, {
      event: "ended",
      outcome,
      seconds,
      ...(reason !== undefined && { reason }),
    });
    return isCrash;
  }

  async #runToEnd(trial: Trial): Promise<TrialEnd> {
    const { launcher, prepare, logFile, signal, folder } = this.#options;
    try {
      const command = await prepare(trial);
      if (signal.aborted) return { outcome: "interrupted", isCrash: false };
      const task = launcher.launch({ command, logFile: logFile(trial) });
      this.#running.set(trial, task);
      const end = await task.ended.finally(() => this.#running.delete(trial));
      const judged = judge(end, folder.record(trial.id), signal);
      const reason = this.#pruned.get(trial);
      if (reason === undefined || judged.outcome === "finished") return judged;
      return { outcome: "pruned", reason, isCrash: false };
    } catch (error) {
      if (!(error instanceof SpecError || error instanceof InputError)) throw error;
      return { outcome: "failed", reason: error.message, isCrash: false };
    }
  }

  #note({ id, index }: Trial, content: EventContent): void {
    const event: JournalEvent = {
      id,
      trial: index + 1,
      time: new Date().toISOString(),
      ...content,
    };
    this.#journal.append(event);
    this.#options.folder.note(event);
  }
}

/** `Omit` that leaves a union a union. */
type EventContent = JournalEvent extends infer E
  ? E extends JournalEvent
    ? Omit<E, "id" | "trial" | "time">
    : never
  : never;

interface TrialEnd {
  readonly outcome: TrialOutcome;
  readonly reason?: string;
  readonly isCrash: boolean;
}

/** Of our own program: what the user has to mend before it can go on. */
const badInput = 2;

function judge(
  { exitCode, signal: killer }: LaunchEnd,
  { status, manifest }: TrialRecord,
  signal: AbortSignal,
): TrialEnd {
  if (status === "finished") return { outcome: "finished", isCrash: false };
  if (signal.aborted) return { outcome: "interrupted", isCrash: false };
  const error = manifest?.status === "failed" ? manifest.summary["error"] : undefined;
  const how = killer === null ? `exit code ${exitCode}` : `signal ${killer}`;
  const reason = error === undefined ? how : `${how}: ${String(error)}`;
  return { outcome: "failed", reason, isCrash: exitCode !== badInput };
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(1000 * seconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
