import path from "node:path";

import { InputError, SpecError } from "../base/errors.ts";
import type { LaunchedTask, LaunchEnd, Launcher, LaunchTask } from "../launch/launcher.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import { judgeEnd, type TrialEnd } from "./trialEnd.ts";
import type { TrialLogs } from "./trialLogs.ts";
import type { Trial } from "./trialPlan.ts";
import type { TrialRecord } from "./trialRecord.ts";

export interface TrialProcessesOptions {
  readonly folder: SweepFolder;
  readonly launcher: Launcher;
  /** Puts a trial into its run's folder. @returns the command that carries it out */
  readonly prepare: (trial: Trial) => Promise<readonly string[]>;
  /** Where a run's process writes what it prints. */
  readonly logFile: (trial: Pick<Trial, "id">) => string;
  /** Aborted when all trials are to stop, so that they can be taken up again. */
  readonly signal: AbortSignal;
}

/** The processes of the trials that run now. */
export class TrialProcesses {
  readonly #options: TrialProcessesOptions;
  readonly #logs: TrialLogs;
  readonly #running = new Map<Trial, LaunchedTask>();
  /** Those that were asked to save their work, to go on later. */
  readonly #stopped = new Set<Trial>();
  /** Why running trials were asked to stop for good. */
  readonly #pruned = new Map<Trial, string>();

  constructor(options: TrialProcessesOptions, logs: TrialLogs) {
    this.#options = options;
    this.#logs = logs;
  }

  /** Those that were not asked to stop for good, in the order in which they were started. */
  get promising(): Trial[] {
    return [...this.#running.keys()].filter((trial) => !this.#pruned.has(trial));
  }

  /** Asks all to save their work and end. */
  stopAll(): void {
    for (const trial of this.#running.keys()) this.stop(trial);
  }

  /** Asks one to save its work and end. */
  stop(trial: Trial): void {
    if (this.#stopped.has(trial)) return;
    this.#stopped.add(trial);
    this.#running.get(trial)?.stop();
  }

  /** Asks one to save its work and end for good. */
  prune(trial: Trial, reason: string): void {
    this.#pruned.set(trial, reason);
    this.#running.get(trial)?.stop();
  }

  /** Carries a trial out, once. */
  async run(trial: Trial): Promise<TrialEnd> {
    const { launcher, prepare, logFile, signal, folder } = this.#options;
    try {
      const command = await prepare(trial);
      if (signal.aborted) return { outcome: "interrupted", isCrash: false };
      const task = launcher.launch({
        command,
        logFile: logFile(trial),
        folder: folder.runFolder(trial.id),
        title: `${path.basename(folder.path)}.${trial.index + 1}`,
        state: () => taskState(folder.record(trial.id)),
      });
      this.#running.set(trial, task);
      const end = await this.#endOf(trial, task);
      const judged = judgeEnd(end, folder.record(trial.id), this.#stopped.delete(trial));
      const reason = this.#pruned.get(trial);
      if (reason === undefined || judged.outcome === "finished") return judged;
      return { outcome: "pruned", reason, isCrash: false };
    } catch (error) {
      if (!(error instanceof SpecError || error instanceof InputError)) throw error;
      return { outcome: "failed", reason: error.message, isCrash: false };
    }
  }

  async #endOf(trial: Trial, task: LaunchedTask): Promise<LaunchEnd> {
    try {
      return await task.ended;
    } finally {
      this.#running.delete(trial);
      await this.#logs.redact(trial, task);
    }
  }
}

const taskState = ({ status }: TrialRecord): ReturnType<LaunchTask["state"]> =>
  status === "running" || status === "finished" ? status : "unknown";
