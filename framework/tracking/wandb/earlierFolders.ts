import { copyFileSync, existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { decodeRecord, secondsOf } from "./proto.ts";
import { frameLog, readTransactionLog } from "./transactionLog.ts";

/** What earlier processes of a run left for W&B. */
export interface EarlierHistory {
  /** Step of the last row that stays, -1 when there is none. */
  lastStep: number;
  /** When the last console line and the last state of the machine were taken, seconds since 1970. */
  lastOutputSeconds: number;
  lastStatsSeconds: number;
  /** Folders whose later rows W&B already has, and which were therefore left alone. */
  alreadySynced: string[];
  /** Logs that are damaged, as by a machine that lost power, and were left alone. */
  damaged: string[];
}

/**
 * Drops rows after a step from the logs of earlier processes, so that syncing all folders in order
 * uploads each step once. A log as it was stays beside the new one as `….wandb.<n>.bak`.
 */
export function keepHistoryUpTo(folder: string, runId: string, step: number): EarlierHistory {
  const earlier: EarlierHistory = {
    lastStep: -1,
    lastOutputSeconds: -Infinity,
    lastStatsSeconds: -Infinity,
    alreadySynced: [],
    damaged: [],
  };
  for (const file of earlierLogs(path.join(folder, "wandb"), runId)) {
    const records = readLog(file);
    if (!records) {
      earlier.damaged.push(file);
      continue;
    }
    const kept = records.filter((record) => record.step <= step);
    if (kept.length < records.length) {
      if (existsSync(`${file}.synced`)) earlier.alreadySynced.push(path.dirname(file));
      else replaceLog(file, kept);
    }
    for (const record of kept) {
      earlier.lastStep = Math.max(earlier.lastStep, record.step);
      earlier.lastOutputSeconds = Math.max(earlier.lastOutputSeconds, record.outputSeconds);
      earlier.lastStatsSeconds = Math.max(earlier.lastStatsSeconds, record.statsSeconds);
    }
  }
  return earlier;
}

interface LogRecord {
  bytes: Uint8Array;
  /** -1 for a record that is no row of history. */
  step: number;
  /** -Infinity for all but console lines, and states of the machine. */
  outputSeconds: number;
  statsSeconds: number;
}

/** Undefined when the log is damaged. */
function readLog(file: string): LogRecord[] | undefined {
  try {
    return readTransactionLog(file).map(readRecord);
  } catch (error) {
    if (error instanceof InputError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRecord(bytes: Uint8Array): LogRecord {
  const record = decodeRecord(bytes);
  const is = { bytes, step: -1, outputSeconds: -Infinity, statsSeconds: -Infinity };
  if (!record) return is;
  if ("history" in record) return { ...is, step: record.history.step.num };
  if ("outputRaw" in record) {
    return { ...is, outputSeconds: secondsOf(record.outputRaw.timestamp) };
  }
  return "stats" in record ? { ...is, statsSeconds: secondsOf(record.stats.timestamp) } : is;
}

function earlierLogs(parent: string, runId: string): string[] {
  if (!existsSync(parent)) return [];
  const folders = readdirSync(parent)
    .filter((name) => name.startsWith("offline-run-"))
    .sort();
  return folders
    .map((name) => path.join(parent, name, wandbLogName(runId)))
    .filter((file) => existsSync(file));
}

/** Name of a run's log in its folder. */
export function wandbLogName(runId: string): string {
  return `run-${runId}.wandb`;
}

function replaceLog(file: string, records: readonly LogRecord[]): void {
  let n = 1;
  while (existsSync(`${file}.${n}.bak`)) n++;
  copyFileSync(file, `${file}.${n}.bak`);
  writeChunksAtomic(file, frameLog(records.map(({ bytes }) => bytes)));
}
