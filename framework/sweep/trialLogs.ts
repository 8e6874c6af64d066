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

  /** The same for a process that a killed sweep has left, unless the launcher still has it. */
  async redactLeft(trial: LoggedTrial): Promise<void> {
    const { folder, launcher } = this.#options;
    await this.#try(trial, async (file) => {
      const isHeld = await launcher.holds?.(folder.runFolder(trial.id));
      if (isHeld !== true) await this.#redact(file);
    });
  }

  async #redact(file: string): Promise<void> {
    const before = stampOf(file);
    if (before === undefined || this.#clean.get(file) === before) return;
    await redactLog(file);
    this.#clean.set(file, stampOf(file) ?? "");
  }

  /** A trial counts for what it has done, whatever becomes of its log. */
  async #try(trial: LoggedTrial, work: (file: string) => Promise<void>): Promise<void> {
    const { logFile, listener } = this.#options;
    try {
      await work(logFile(trial));
    } catch (error) {
      listener.keepsSecrets?.(trial, describe(error));
    }
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
