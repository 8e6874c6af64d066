import { mkdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { prunedMetric } from "../spec/sweepObjectives.ts";
import { pausesAtRungs } from "../spec/sweepStages.ts";
import { runOwner } from "../tracking/runLock.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import { createQueue } from "./createQueue.ts";
import { meetInFolder } from "./folderJournal.ts";
import type { DecidedEvent, JournalEvent } from "./journal.ts";
import type { SweepMeeting, WorkerRegistry } from "./journalStore.ts";
import type { Exploit } from "./pbt/populationQueue.ts";
import { createPruner } from "./pruners/index.ts";
import { PruneWatch } from "./pruneWatch.ts";
import { SharedQueue } from "./sharedQueue.ts";
import { clearSweepWish, readSweepWish, type SweepWish } from "./sweepControl.ts";
import { TrialEvents, type EventContent } from "./trialEvents.ts";
import { TrialLogs, type TrialLogListener } from "./trialLogs.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import { TrialProcesses, type TrialProcessesOptions } from "./trialProcesses.ts";
import type { TrialSource } from "./trialQueue.ts";
import type { TrialRecord, TrialStatus } from "./trialRecord.ts";

/** What there is to tell while a sweep runs. */
export interface SweepListener extends TrialLogListener {
  started(trial: Trial): void;
  /** @param willRetry whether it is taken up again by itself */
  ended(trial: Trial, record: TrialRecord, willRetry: boolean): void;
  /** A trial that had paused goes on, or is stopped for good. */
  decided?(trial: Trial, decision: DecidedEvent): void;
  /** Another process still runs a trial: one that a killed sweep has left, which stops soon. */
  waitsFor(trial: Trial, pid: number): void;
  /** Another worker has taken a running trial over, since this one seemed to be gone. */
  lost?(trial: Trial): void;
}

export interface SweepRunnerOptions extends TrialProcessesOptions {
  readonly plan: TrialPlan;
  /** Trials that run at once. */
  readonly parallel: number;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  readonly listener: SweepListener;
  /** Whether other processes may run the sweep, with which this one shares the trials. */
  readonly joins?: boolean;
  /** Where they meet; left out: in the folder of the runs. */
  readonly meeting?: SweepMeeting;
  /** Before a crashed trial's first retry; doubled for each further one. */
  readonly backoffSeconds?: number;
  /** Of population-based training: puts a member's weights and values into another's run. */
  readonly exploit?: (exploit: Exploit) => Promise<void>;
  /** Between two looks at what running trials log, to stop those that promise little. */
  readonly lookSeconds?: number;
  readonly nowMs?: () => number;
}

/** Seconds between two looks at what the sweep is asked for. */
const wishSeconds = 0.5;
/** Seconds between two looks at a trial that another process still runs. */
const pollSeconds = 0.5;

/** `stopped`: there may be trials left. */
export type SweepEnd = "done" | "stopped";

/**
 * Carries out a sweep's trials, each in a process of its own: those that are not finished yet, in
 * order. One that crashes is taken up again from its last checkpoint, at most `retries` times; one
 * that fails does not stop the others.
 *
 * @throws {InputError} when another process runs the sweep, unless it `joins`
 */
export async function runSweep(options: SweepRunnerOptions): Promise<SweepEnd> {
  const { folder, joins = false } = options;
  mkdirSync(folder.path, { recursive: true });
  const { store, workers } = options.meeting ?? meetInFolder(folder);
  const events = new TrialEvents(folder, workers.own, options.listener, store);
  try {
    const isFirst = await workers.join(joins);
    if (isFirst) clearSweepWish(folder.path);
    return await new SweepRunner(options, { workers, events, isFirst }).run();
  } finally {
    await workers.leave();
    await events.close();
  }
}

/** This process's part in the work. */
interface SweepPart {
  readonly workers: WorkerRegistry;
  readonly events: TrialEvents;
  /** Whether there was no other worker when it came. */
  readonly isFirst: boolean;
}

class SweepRunner {
  readonly #options: SweepRunnerOptions;
  readonly #events: TrialEvents;
  readonly #workers: WorkerRegistry;
  readonly #shared: SharedQueue;
  readonly #processes: TrialProcesses;
  readonly #logs: TrialLogs;
  readonly #pruning: PruneWatch | undefined;
  /** Aborted when all trials are to stop. */
  readonly #stop = new AbortController();
  #wish: SweepWish = { wish: "run", finish: false };
  /** How many trials have ended. */
  #ends = 0;
  /** Slots that wait for a trial to end. */
  readonly #sleepers: (() => void)[] = [];

  constructor(options: SweepRunnerOptions, { workers, events, isFirst }: SweepPart) {
    const { folder, plan } = options;
    const { earlyTerminate } = plan.spec;
    const metric = prunedMetric(plan.spec);
    this.#options = options;
    this.#events = events;
    this.#workers = workers;
    this.#logs = new TrialLogs(options);
    this.#processes = new TrialProcesses({ ...options, signal: this.#stop.signal }, this.#logs);
    if (metric && earlyTerminate && !pausesAtRungs(earlyTerminate)) {
      this.#pruning = new PruneWatch(createPruner(earlyTerminate), folder, metric);
    }
    const retriesFailed = isFirst;
    const isHeld = (id: string): boolean => workers.isKeptElsewhere?.(id) ?? false;
    const shared = { ...options, events, retriesFailed, isHeld };
    const open = (isAgain: boolean): TrialSource =>
      createQueue({
        ...shared,
        pruning: this.#pruning,
        retriesFailed: retriesFailed && !isAgain,
      });
    this.#shared = new SharedQueue({ ...shared, workers, open });
  }

  async run(): Promise<SweepEnd> {
    const { signal, lookSeconds = 2 } = this.#options;
    const stopAll = (): void => this.#stopAll();
    const looks = setInterval(() => this.#prune(), lookSeconds * 1000);
    const wishes = setInterval(() => this.#heed(), wishSeconds * 1000);
    signal.addEventListener("abort", stopAll);
    if (signal.aborted) stopAll();
    try {
      const left = this.#leftTrials();
      await this.#redactLeft(left, (status) => status === "finished");
      await this.#workAll();
      await this.#redactLeft(left, (status) =>
        this.#options.joins === true ? status === "finished" : status !== "running",
      );
    } finally {
      await this.#logs.close();
      clearInterval(looks);
      clearInterval(wishes);
      signal.removeEventListener("abort", stopAll);
    }
    return this.#wish.wish === "stop" || signal.aborted ? "stopped" : "done";
  }

  /** An error in one place lets the trials of the others save their work first. */
  async #workAll(): Promise<void> {
    const slots = Array.from({ length: this.#options.parallel }, () => this.#work());
    try {
      await Promise.all(slots);
    } catch (error) {
      this.#stopAll();
      await Promise.allSettled(slots);
      throw error;
    }
  }

  /** Trials that a process which is gone has begun, and of which it has noted no end. */
  #leftTrials(): JournalEvent[] {
    const starts = this.#options.folder.openStarts();
    return starts.filter(({ worker = "" }) => !this.#workers.isAlive(worker));
  }

  /** @param isOver whether no process prints for a trial of that status, nor is about to */
  async #redactLeft(
    starts: readonly JournalEvent[],
    isOver: (status: TrialStatus) => boolean,
  ): Promise<void> {
    const { folder } = this.#options;
    for (const { id, trial } of starts) {
      if (isOver(folder.record(id).status)) await this.#logs.redactLeft({ id, index: trial - 1 });
    }
  }

  #stopAll(): void {
    this.#stop.abort();
    this.#processes.stopAll();
  }

  /** Does what the sweep is asked for from outside. */
  #heed(): void {
    for (const trial of this.#processes.promising) {
      if (!this.#isOurs(trial)) this.#processes.stop(trial);
    }
    this.#wish = readSweepWish(this.#options.folder.path);
    const { wish, finish } = this.#wish;
    if (wish === "run" || finish) return;
    if (wish === "stop") this.#stopAll();
    else this.#processes.stopAll();
  }

  /** Stops trials that promise little. */
  #prune(): void {
    for (const [trial, reason] of this.#pruning?.reasons(this.#processes.promising) ?? []) {
      this.#processes.prune(trial, reason);
    }
  }

  /** Takes one trial after another, until there are no more. */
  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && this.#wish.wish !== "stop") {
      const ends = this.#ends;
      const trial = this.#wish.wish === "pause" ? "later" : await this.#shared.take();
      if (!trial) return;
      if (trial === "later") await this.#nextEnd(ends);
      else await this.#carryOut(trial).finally(() => this.#wakeAll());
    }
  }

  /** Waits for a trial to end here, or a while for one elsewhere. @param seen of the ends here */
  async #nextEnd(seen: number): Promise<void> {
    if (this.#ends !== seen) return;
    const woken = new Promise<void>((wake) => this.#sleepers.push(wake));
    await Promise.race([woken, pauseFor(pollSeconds, this.#stop.signal)]);
  }

  #wakeAll(): void {
    this.#ends++;
    for (const wake of this.#sleepers.splice(0)) wake();
  }

  /** @param trial is noted as started */
  async #carryOut(trial: Trial): Promise<void> {
    const { plan, folder, listener } = this.#options;
    for (let retries = plan.spec.retries; ; retries--) {
      if (await this.#isDoneElsewhere(trial)) {
        await this.#note(trial, { event: "ended", outcome: "finished", seconds: 0 });
        return this.#shared.account(trial, folder.record(trial.id));
      }
      const willRetry = await this.#tryOnce(trial, retries > 0);
      if (willRetry === "lost") {
        listener.lost?.(trial);
        return this.#shared.giveBack(trial);
      }
      const record = folder.record(trial.id);
      listener.ended(trial, record, willRetry);
      if (record.status === "interrupted") return this.#shared.giveBack(trial);
      if (!willRetry) return this.#shared.account(trial, record);
      await this.#pause(2 ** (plan.spec.retries - retries));
      if (this.#stop.signal.aborted) return;
      await this.#note(trial, { event: "started" });
    }
  }

  /**
   * Waits while another process runs the trial, unless the launcher takes that one up.
   *
   * @returns whether it has finished the trial
   */
  async #isDoneElsewhere(trial: Trial): Promise<boolean> {
    const { folder, launcher, listener } = this.#options;
    const { signal } = this.#stop;
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
    if (!signal.aborted) await this.#logs.redactLeft(trial);
    return folder.record(trial.id).status === "finished";
  }

  async #pause(factor: number): Promise<void> {
    const { backoffSeconds = 1 } = this.#options;
    await pauseFor(backoffSeconds * factor, this.#stop.signal);
  }

  /** @returns whether it is to be tried again; `lost` when it is another worker's meanwhile */
  async #tryOnce(trial: Trial, mayRetry: boolean): Promise<boolean | "lost"> {
    const { nowMs = () => performance.now(), listener } = this.#options;
    const startMs = nowMs();
    this.#pruning?.starts(trial);
    listener.started(trial);
    const { outcome, reason, isCrash } = await this.#processes.run(trial);
    const seconds = (nowMs() - startMs) / 1000;
    const why = reason === undefined ? {} : { reason };
    const step = trial.stage?.untilStep;
    const where = outcome === "paused" && step !== undefined ? { step } : {};
    const again = isCrash && mayRetry && !this.#stop.signal.aborted;
    const more = { ...why, ...where, ...(again && { again }) };
    return this.#events.exclusively(() => {
      if (!this.#isOurs(trial)) return "lost";
      this.#events.note(trial, { event: "ended", outcome, seconds, ...more });
      return again;
    });
  }

  /** Whether nobody has taken a trial over that this process has begun. */
  #isOurs({ id }: Trial): boolean {
    const start = this.#options.folder.lastStart(id);
    return start?.worker === this.#workers.own;
  }

  async #note(trial: Trial, content: EventContent): Promise<void> {
    await this.#events.exclusively(() => this.#events.note(trial, content));
  }
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(1000 * seconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
