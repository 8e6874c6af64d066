import { mkdirSync, utimesSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { prunedMetric } from "../spec/sweepObjectives.ts";
import { pausesAtRungs } from "../spec/sweepStages.ts";
import { lockRun, runOwner } from "../tracking/runLock.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import { createQueue } from "./createQueue.ts";
import { Journal, type DecidedEvent } from "./journal.ts";
import type { Exploit } from "./pbt/populationQueue.ts";
import { createPruner } from "./pruners/index.ts";
import { PruneWatch } from "./pruneWatch.ts";
import { TrialEvents } from "./trialEvents.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import { TrialProcesses, type TrialProcessesOptions } from "./trialProcesses.ts";
import type { TrialSource } from "./trialQueue.ts";
import type { TrialRecord } from "./trialRecord.ts";

/** What there is to tell while a sweep runs. */
export interface SweepListener {
  started(trial: Trial): void;
  /** @param willRetry whether it is taken up again by itself */
  ended(trial: Trial, record: TrialRecord, willRetry: boolean): void;
  /** A trial that had paused goes on, or is stopped for good. */
  decided?(trial: Trial, decision: DecidedEvent): void;
  /** Another process still runs a trial: one that a killed sweep has left, which stops soon. */
  waitsFor(trial: Trial, pid: number): void;
}

export interface SweepRunnerOptions extends TrialProcessesOptions {
  readonly plan: TrialPlan;
  /** Trials that run at once. */
  readonly parallel: number;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  readonly listener: SweepListener;
  /** Before a crashed trial's first retry; doubled for each further one. */
  readonly backoffSeconds?: number;
  /** Of population-based training: puts a member's weights and values into another's run. */
  readonly exploit?: (exploit: Exploit) => Promise<void>;
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
  readonly #events: TrialEvents;
  readonly #queue: TrialSource;
  readonly #processes: TrialProcesses;
  readonly #pruning: PruneWatch | undefined;
  /** How many trials have ended. */
  #ends = 0;
  /** Workers that wait for a trial to end. */
  readonly #sleepers: (() => void)[] = [];

  constructor(options: SweepRunnerOptions, journal: Journal) {
    const { folder, plan } = options;
    const { earlyTerminate } = plan.spec;
    const metric = prunedMetric(plan.spec);
    this.#options = options;
    this.#events = new TrialEvents(journal, folder, options.listener);
    this.#processes = new TrialProcesses(options);
    if (metric && earlyTerminate && !pausesAtRungs(earlyTerminate)) {
      this.#pruning = new PruneWatch(createPruner(earlyTerminate), folder, metric);
    }
    this.#queue = createQueue({ ...options, events: this.#events, pruning: this.#pruning });
  }

  async run(): Promise<void> {
    const { signal, parallel, lookSeconds = 2 } = this.#options;
    const stopAll = (): void => this.#processes.stopAll();
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
    for (const [trial, reason] of this.#pruning?.reasons(this.#processes.promising) ?? []) {
      this.#processes.prune(trial, reason);
    }
  }

  /** Takes one trial after another, until there are no more. */
  async #work(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const ends = this.#ends;
      const trial = await this.#queue.take();
      if (!trial) return;
      if (trial === "later") await this.#nextEnd(ends);
      else await this.#carryOut(trial).finally(() => this.#wakeAll());
    }
  }

  /** Waits for a trial to end. @param seen of the ends, those that are known */
  async #nextEnd(seen: number): Promise<void> {
    if (this.#ends === seen) await new Promise<void>((wake) => this.#sleepers.push(wake));
  }

  #wakeAll(): void {
    this.#ends++;
    for (const wake of this.#sleepers.splice(0)) wake();
  }

  async #carryOut(trial: Trial): Promise<void> {
    const { plan, folder, listener, signal } = this.#options;
    for (let retries = plan.spec.retries; ; retries--) {
      if (await this.#isDoneElsewhere(trial))
        return this.#queue.account(trial, folder.record(trial.id));
      if (signal.aborted) return;
      const isCrash = await this.#tryOnce(trial);
      const record = folder.record(trial.id);
      const willRetry = isCrash && retries > 0 && !signal.aborted;
      listener.ended(trial, record, willRetry);
      if (!willRetry) return this.#queue.account(trial, record);
      await this.#pause(2 ** (plan.spec.retries - retries));
    }
  }

  /**
   * Waits while another process runs the trial, unless the launcher takes that one up.
   *
   * @returns whether it has finished the trial
   */
  async #isDoneElsewhere(trial: Trial): Promise<boolean> {
    const { folder, launcher, listener, signal } = this.#options;
    const runFolder = folder.runFolder(trial.id);
    let told = false;
    const isRunning = folder.record(trial.id).status === "running";
    if (isRunning && (await launcher.holds?.(runFolder))) return false;
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
    this.#events.note(trial, { event: "started" });
    listener.started(trial);
    const { outcome, reason, isCrash } = await this.#processes.run(trial);
    const seconds = (nowMs() - startMs) / 1000;
    const why = reason === undefined ? {} : { reason };
    const step = trial.stage?.untilStep;
    const where = outcome === "paused" && step !== undefined ? { step } : {};
    this.#events.note(trial, { event: "ended", outcome, seconds, ...why, ...where });
    return isCrash;
  }
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(1000 * seconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
