import { statSync } from "node:fs";

import type { LaunchedTask, Launcher } from "../launch/launcher.ts";
import { redactLog } from "../tracking/redactLog.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** A trial, be it of another plan. */
export type LoggedTrial = Pick<Trial, "id" | "index">;

export interface TrialLogListener {
  /** What a trial has printed may have secrets that could not be taken out. */
  keepsSecrets?(trial: LoggedTrial, reason: string): void;
}

export interface TrialLogsOptions {
  readonly folder: SweepFolder;
  readonly launcher: Launcher;
  /** Where a run's process writes what it prints. */
  readonly logFile: (trial: LoggedTrial) => string;
  readonly listener: TrialLogListener;
}

/** What the trials' processes print: as they print it while they run, without secrets afterwards. */
export class TrialLogs {
  readonly #options: TrialLogsOptions;
  /** Logs that have none, as they were then. */
  readonly #clean = new Map<string, string>();
  /** Those that somebody may still have printed into, by their trials' ids. */
  readonly #open = new Map<string, [LoggedTrial, () => Promise<void>]>();

  constructor(options: TrialLogsOptions) {
    this.#options = options;
  }

  /** Takes secrets out of what a process of this one's has printed that has ended. */
  async redact(trial: LoggedTrial, task: Pick<LaunchedTask, "logClosed">): Promise<void> {
    await this.#try(trial, async (file) => {
      await task.logClosed?.();
      await this.#redact(file);
    });
  }

  /** Tries again what could not be done before, and tells of what cannot be done now. */
  async close(): Promise<void> {
    const { folder } = this.#options;
    for (const [trial, work] of this.#open.values()) {
      if (folder.record(trial.id).status === "running") continue; // another worker's, who does it
      const problem = await problemOf(work);
      if (problem !== undefined) this.#options.listener.keepsSecrets?.(trial, problem);
    }
    this.#open.clear();
  }

  /** The same for a process that a killed sweep has left, unless the launcher still has it. */
  async redactLeft(trial: LoggedTrial): Promise<void> {
    const { folder, launcher } = this.#options;
    await this.#try(trial, async (file) => {
      if (this.#isClean(file)) return;
      const isHeld = await launcher.holds?.(folder.runFolder(trial.id));
      if (isHeld !== true) await this.#redact(file);
    });
  }

  async #redact(file: string): Promise<void> {
    if (this.#isClean(file)) return;
    await redactLog(file);
    this.#clean.set(file, stampOf(file) ?? "");
  }

  #isClean(file: string): boolean {
    const stamp = stampOf(file);
    return stamp === undefined || this.#clean.get(file) === stamp;
  }

  /** A trial counts for what it has done, whatever becomes of its log. */
  async #try(trial: LoggedTrial, redact: (file: string) => Promise<void>): Promise<void> {
    const work = (): Promise<void> => redact(this.#options.logFile(trial));
    if ((await problemOf(work)) === undefined) this.#open.delete(trial.id);
    else this.#open.set(trial.id, [trial, work]);
  }
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

/** Differs when the file has been written to; undefined when there is none. */
function stampOf(file: string): string | undefined {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status && `${status.ino} ${status.size} ${status.mtimeNs}`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
