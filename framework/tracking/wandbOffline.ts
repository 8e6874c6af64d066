import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic, writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { nonFiniteWord } from "./jsonNumber.ts";
import type { LoggedImage } from "./logger.ts";
import { mediaPath } from "./mediaPath.ts";
import type { Parameters } from "./parameters.ts";
import {
  encodeRecord,
  fileType,
  historyStep,
  type WandbItem,
  type WandbRecord,
  type WandbRunRecord,
} from "./wandbProto.ts";
import { frameLog, readTransactionLog, TransactionLog } from "./wandbTransactionLog.ts";

/** What W&B shall know of a run besides its numbers. */
export interface WandbRunInfo {
  runId: string;
  project: string;
  entity?: string;
  displayName?: string;
  group?: string;
  jobType?: string;
  notes?: string;
  /** Each of 1 to 64 characters. */
  tags?: readonly string[];
  sweepId?: string;
  host?: string;
  git?: { commit: string; remoteUrl?: string };
  config: Parameters;
  /** Start of the run's first process, seconds since 1970: `_runtime` counts from there. */
  startTimeSeconds: number;
}

export interface WandbOfflineOptions {
  /** The run's folder; W&B's folders go to `wandb/` below it. */
  folder: string;
  info: WandbRunInfo;
  /** Content of `files/wandb-metadata.json`: host, program, arguments, git. */
  metadata?: Parameters;
  /** First step of this process when the run is resumed. */
  startingStep?: number;
  /** Seconds since 1970. */
  nowSeconds: number;
}

/** One folder `offline-run-…` in W&B's format: what one process logged, for `wandb sync`. */
export class WandbOfflineRun {
  /** Absolute, or relative as the run's folder was given. */
  readonly folder: string;
  readonly #log: TransactionLog;
  readonly #startTimeSeconds: number;
  #records = 0;

  constructor({ folder, info, metadata, startingStep, nowSeconds }: WandbOfflineOptions) {
    this.folder = makeFolder(path.join(folder, "wandb"), info.runId, nowSeconds);
    this.#log = new TransactionLog(path.join(this.folder, logName(info.runId)));
    this.#startTimeSeconds = info.startTimeSeconds;
    this.#append({ header: { versionInfo: { producer: "seedbed" } } });
    this.#append({ run: runRecord(info, startingStep, nowSeconds) });
    if (metadata) this.#writeMetadata(metadata);
  }

  /** Replaces top-level entries of the configuration. */
  logConfig(config: Parameters): void {
    this.#append({ config: { update: configItems(config) } });
  }

  /** One row of history; steps must grow from row to row. */
  logRow(row: ReadonlyMap<string, string>, step: number, wallTimeSeconds: number): void {
    const item = [...row].map(([key, valueJson]) => ({ key, valueJson }));
    const stamps = {
      _step: step,
      _runtime: wallTimeSeconds - this.#startTimeSeconds,
      _timestamp: wallTimeSeconds,
    };
    for (const [key, value] of Object.entries(stamps))
      item.push({ key, valueJson: looseJson(value) });
    this.#append({ history: { item, step: { num: step } } });
  }

  /** Stores pictures under `files/`; what it returns is their value in a row. */
  storeImages(key: string, images: readonly LoggedImage[], step: number): string {
    const files = images.map((image) => this.#storeImage(key, image, step));
    this.#append({
      files: { files: files.map(({ path: file }) => ({ path: file, type: fileType.media })) },
    });
    return JSON.stringify(files.length === 1 ? files[0] : separatedImages(files));
  }

  /** Sets latest values; W&B does not derive them from the history. */
  logSummary(summary: ReadonlyMap<string, string>, wallTimeSeconds: number): void {
    const update: WandbItem[] = [...summary].map(([key, valueJson]) => ({ key, valueJson }));
    update.push({
      nestedKey: ["_wandb", "runtime"],
      valueJson: String(this.#runtime(wallTimeSeconds)),
    });
    this.#append({ summary: { update } });
  }

  sync(): void {
    this.#log.sync();
  }

  /** Ends the run for W&B and closes the log. */
  finish(exitCode: number, wallTimeSeconds: number): void {
    this.#append({ exit: { exitCode, runtime: this.#runtime(wallTimeSeconds) } });
    this.#append({ final: {} });
    this.#append({ footer: {} });
    this.#log.close();
  }

  #append(record: WandbRecord): void {
    this.#log.append(encodeRecord(++this.#records, record));
  }

  /** Whole seconds since the run began. */
  #runtime(wallTimeSeconds: number): number {
    return Math.max(0, Math.round(wallTimeSeconds - this.#startTimeSeconds));
  }

  #writeMetadata(metadata: Parameters): void {
    const name = "wandb-metadata.json";
    writeFileAtomic(
      path.join(this.folder, "files", name),
      `${JSON.stringify(metadata, null, 2)}\n`,
    );
    this.#append({ files: { files: [{ path: name, type: fileType.wandb }] } });
  }

  #storeImage(key: string, image: LoggedImage, step: number): StoredImage {
    const sha256 = createHash("sha256").update(image.png).digest("hex");
    const file = `media/images/${mediaPath(key)}_${step}_${sha256.slice(0, 20)}.png`;
    writeFileAtomic(path.join(this.folder, "files", ...file.split("/")), image.png);
    const stored = {
      _type: "image-file",
      sha256,
      size: image.png.length,
      path: file,
      format: "png",
      width: image.width,
      height: image.height,
    };
    return image.caption === undefined ? stored : { ...stored, caption: image.caption };
  }
}

interface StoredImage {
  path: string;
  format: string;
  width: number;
  height: number;
  caption?: string;
}

function separatedImages(files: readonly StoredImage[]): object {
  const { width, height, format } = files[0]!;
  const value = {
    _type: "images/separated",
    width,
    height,
    format,
    count: files.length,
    filenames: files.map((file) => file.path),
  };
  const hasCaptions = files.some(({ caption }) => caption !== undefined);
  return hasCaptions ? { ...value, captions: files.map(({ caption }) => caption ?? "") } : value;
}

/** A value as W&B's JSON, in which the words NaN and Infinity stand bare. */
export function looseJson(value: unknown): string {
  const word = typeof value === "number" ? nonFiniteWord(value) : undefined;
  return word ?? JSON.stringify(value) ?? "null";
}

function configItems(config: Parameters): WandbItem[] {
  return Object.entries(config).map(([key, value]) => ({ key, valueJson: looseJson(value) }));
}

/** The time is the process's own: W&B uploads the folders of one run in its order. */
function runRecord(
  info: WandbRunInfo,
  startingStep: number | undefined,
  nowSeconds: number,
): WandbRunRecord {
  const { runId, project, entity, displayName, group, jobType, notes, tags, sweepId, host, git } =
    info;
  const seconds = Math.floor(nowSeconds);
  return {
    runId,
    project,
    ...(entity && { entity }),
    ...(displayName && { displayName }),
    ...(group && { runGroup: group }),
    ...(jobType && { jobType }),
    ...(notes && { notes }),
    ...(tags && { tags: [...tags] }),
    ...(sweepId && { sweepId }),
    ...(host && { host }),
    ...(git && { git }),
    config: { update: configItems(info.config) },
    startingStep: startingStep ?? 0,
    resumed: startingStep !== undefined,
    startTime: { seconds, nanos: Math.floor((nowSeconds - seconds) * 1e9) },
  };
}

function logName(runId: string): string {
  return `run-${runId}.wandb`;
}

/** Makes `offline-run-YYYYMMDD_HHMMSS-<id>` (local time), later than every one already there. */
function makeFolder(parent: string, runId: string, nowSeconds: number): string {
  for (let seconds = nowSeconds; ; seconds++) {
    const folder = path.join(parent, `offline-run-${timeName(seconds)}-${runId}`);
    if (existsSync(folder)) continue;
    mkdirSync(path.join(folder, "files"), { recursive: true });
    return folder;
  }
}

function timeName(seconds: number): string {
  const time = new Date(seconds * 1000);
  const digits = (values: number[]): string =>
    values.map((n) => String(n).padStart(2, "0")).join("");
  const date = digits([time.getFullYear(), time.getMonth() + 1, time.getDate()]);
  return `${date}_${digits([time.getHours(), time.getMinutes(), time.getSeconds()])}`;
}

/** What earlier processes of a run left for W&B. */
export interface EarlierHistory {
  /** Step of the last row that stays, -1 when there is none. */
  lastStep: number;
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
  const earlier: EarlierHistory = { lastStep: -1, alreadySynced: [], damaged: [] };
  for (const file of earlierLogs(path.join(folder, "wandb"), runId)) {
    const records = readRows(file);
    if (!records) {
      earlier.damaged.push(file);
      continue;
    }
    const kept = records.filter((record) => record.step <= step);
    if (kept.length < records.length) {
      if (existsSync(`${file}.synced`)) earlier.alreadySynced.push(path.dirname(file));
      else replaceLog(file, kept);
    }
    for (const record of kept) earlier.lastStep = Math.max(earlier.lastStep, record.step);
  }
  return earlier;
}

interface LogRecord {
  bytes: Uint8Array;
  /** -1 for a record that is no row of history. */
  step: number;
}

/** Undefined when the log is damaged. */
function readRows(file: string): LogRecord[] | undefined {
  try {
    return readTransactionLog(file).map((bytes) => ({ bytes, step: historyStep(bytes) ?? -1 }));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function earlierLogs(parent: string, runId: string): string[] {
  if (!existsSync(parent)) return [];
  const folders = readdirSync(parent)
    .filter((name) => name.startsWith("offline-run-"))
    .sort();
  return folders
    .map((name) => path.join(parent, name, logName(runId)))
    .filter((file) => existsSync(file));
}

function replaceLog(file: string, records: readonly LogRecord[]): void {
  let n = 1;
  while (existsSync(`${file}.${n}.bak`)) n++;
  copyFileSync(file, `${file}.${n}.bak`);
  writeChunksAtomic(file, frameLog(records.map(({ bytes }) => bytes)));
}
