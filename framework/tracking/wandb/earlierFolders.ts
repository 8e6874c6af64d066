import { copyFileSync, existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import type { RunRecord } from "../metricsFile.ts";
import { decodeRecord, itemPath, secondsOf, type WandbItem } from "./proto.ts";
import { frameLog, readTransactionLog } from "./transactionLog.ts";

/** What earlier processes of a run left for W&B. */
export interface EarlierHistory {
  /** Step of the last row that stays, -1 when there is none. */
  lastStep: number;
  /** When the last console line and the last state of the machine were taken, seconds since 1970. */
  lastOutputSeconds: number;
  lastStatsSeconds: number;
  /** Those that W&B already has, with rows that are written again; they were left alone. */
  alreadySynced: SyncedFolder[];
  /** Logs that are damaged, as by a machine that lost power, and were left alone. */
  damaged: string[];
}

export interface SyncedFolder {
  folder: string;
  /** Whether it has rows after the step that the run continues from. */
  hasLater: boolean;
  /** What it has of that step, as JSON by key; undefined when it has no such row. */
  row?: ReadonlyMap<string, string>;
}

/** Step of the checkpoint that the run continues from, -1 for none, and what was logged up to it. */
export interface ResumedFrom {
  step: number;
  records: readonly RunRecord[];
}

/**
 * Drops rows from a step on from the logs of earlier processes, so that syncing all folders in order
 * uploads each step once: the resumed run writes them again, that of the step itself from its records.
 * Where a log loses more than that row it stays beside the new one as it was, as `….wandb.<n>.bak`.
 */
export function keepHistoryBefore(
  folder: string,
  runId: string,
  { step, records: logged }: ResumedFrom,
): EarlierHistory {
  const earlier: EarlierHistory = {
    lastStep: -1,
    lastOutputSeconds: -Infinity,
    lastStatsSeconds: -Infinity,
    alreadySynced: [],
    damaged: [],
  };
  for (const file of earlierLogs(path.join(folder, "wandb"), runId)) {
    const records = readLog(file, step);
    if (!records) {
      earlier.damaged.push(file);
      continue;
    }
    const kept = records.filter((record) => record.step < Math.max(0, step));
    if (kept.length < records.length) {
      const repeated = describeRepeated(file, records, step);
      if (existsSync(`${file}.synced`)) earlier.alreadySynced.push(repeated);
      else {
        if (repeated.hasLater || !holdsAll(logged, step, repeated.row)) backUp(file);
        writeChunksAtomic(file, frameLog(kept.map(({ bytes }) => bytes)));
      }
    }
    for (const record of kept) {
      earlier.lastStep = Math.max(earlier.lastStep, record.step);
      earlier.lastOutputSeconds = Math.max(earlier.lastOutputSeconds, record.outputSeconds);
      earlier.lastStatsSeconds = Math.max(earlier.lastStatsSeconds, record.statsSeconds);
    }
  }
  return earlier;
}

/** What each row has beside what was logged. */
const ownKeys: readonly string[] = ["_step", "_runtime", "_timestamp", "epoch"];

function describeRepeated(file: string, records: readonly LogRecord[], step: number): SyncedFolder {
  const row = records.find((record) => record.step === step && record.row)?.row;
  const hasLater = records.some((record) => record.step > step);
  return { folder: path.dirname(file), hasLater, ...(row && { row }) };
}

/** Whether a row of a step has nothing that the run's records lack. */
function holdsAll(
  records: readonly RunRecord[],
  step: number,
  row: ReadonlyMap<string, string> = new Map(),
): boolean {
  const keys = records
    .filter((record) => record.step === step)
    .flatMap((record) => (record.kind === "metrics" ? Object.keys(record.metrics) : [record.key]));
  const held = new Set([...keys, ...ownKeys]);
  return [...row.keys()].every((key) => held.has(key));
}

interface LogRecord {
  bytes: Uint8Array;
  /** -1 for a record that is no row of history. */
  step: number;
  /** Of the step that the run continues from. */
  row?: ReadonlyMap<string, string>;
  /** -Infinity for all but console lines, and states of the machine. */
  outputSeconds: number;
  statsSeconds: number;
}

/** Undefined when the log is damaged. */
function readLog(file: string, resumedStep: number): LogRecord[] | undefined {
  try {
    return readTransactionLog(file).map((bytes) => readRecord(bytes, resumedStep));
  } catch (error) {
    if (error instanceof InputError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRecord(bytes: Uint8Array, resumedStep: number): LogRecord {
  const record = decodeRecord(bytes);
  const is = { bytes, step: -1, outputSeconds: -Infinity, statsSeconds: -Infinity };
  if (!record) return is;
  if ("history" in record) {
    const step = record.history.step.num;
    return { ...is, step, ...(step === resumedStep && { row: rowOf(record.history.item) }) };
  }
  if ("outputRaw" in record) {
    return { ...is, outputSeconds: secondsOf(record.outputRaw.timestamp) };
  }
  return "stats" in record ? { ...is, statsSeconds: secondsOf(record.stats.timestamp) } : is;
}

function rowOf(items: readonly WandbItem[]): ReadonlyMap<string, string> {
  return new Map(items.map((item) => [itemPath(item).join("."), item.valueJson]));
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

function backUp(file: string): void {
  let n = 1;
  while (existsSync(`${file}.${n}.bak`)) n++;
  copyFileSync(file, `${file}.${n}.bak`);
}
