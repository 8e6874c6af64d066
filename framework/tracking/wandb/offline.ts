import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import type { LoggedImage, LoggedTable } from "../logger.ts";
import type { Parameters } from "../parameters.ts";
import type { RunArtifact } from "../runArtifact.ts";
import { artifactReference } from "./artifact.ts";
import { wandbLogName } from "./earlierFolders.ts";
import { HistoryEncoder } from "./historyEncoder.ts";
import { itemsOf, looseJson, wellFormed } from "./json.ts";
import { storeImages, storeTable, type StoredMedia } from "./media.ts";
import {
  encodeRecord,
  fileType,
  outputType,
  timestampOf,
  type WandbItem,
  type WandbRecord,
} from "./proto.ts";
import type { WandbRow, WandbValue } from "./rows.ts";
import { wandbRunRecord, type WandbRunInfo } from "./runInfo.ts";
import { TransactionLog } from "./transactionLog.ts";

export interface WandbOfflineOptions {
  /** The run's folder; W&B's folders go to `wandb/` below it. */
  folder: string;
  info: WandbRunInfo;
  /** Files beside the numbers, by name, such as `wandb-metadata.json` and `requirements.txt`. */
  files?: Readonly<Record<string, string>>;
  /** Takes secrets out of settings. */
  redact?: (text: string) => string;
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
  readonly #info: WandbRunInfo;
  readonly #redact: (text: string) => string;
  readonly #history = new HistoryEncoder();
  #records = 0;

  constructor(options: WandbOfflineOptions) {
    const { folder, info, files = {}, startingStep, nowSeconds } = options;
    this.#redact = options.redact ?? ((text) => text);
    this.folder = makeFolder(path.join(folder, "wandb"), info.runId, nowSeconds);
    this.#log = new TransactionLog(path.join(this.folder, wandbLogName(info.runId)));
    this.#info = info;
    this.#append({ header: { versionInfo: { producer: "seedbed" } } });
    const config = { update: this.#configItems(info.config) };
    this.#append({ run: wandbRunRecord(info, config, startingStep, nowSeconds) });
    for (const [name, content] of Object.entries(files)) {
      writeFileAtomic(path.join(this.#filesFolder, name), content);
      this.#announce([name], fileType.wandb);
    }
  }

  /** Replaces top-level entries of the configuration. */
  logConfig(config: Parameters): void {
    this.#append({ config: { update: this.#configItems(config) } });
  }

  /** One row of history; steps must grow from row to row. */
  logRow(
    { numbers, values }: Pick<WandbRow, "numbers" | "values">,
    step: number,
    wallTimeSeconds: number,
  ): void {
    const runtime = wallTimeSeconds - this.#info.startTimeSeconds;
    const own = new Map([
      ["_step", step],
      ["_runtime", runtime],
      ["_timestamp", wallTimeSeconds],
    ]);
    this.#log.append(this.#history.encode(++this.#records, numbers, [values, own], step));
  }

  /** Stores pictures under `files/`; what it returns is their value in a row. */
  storeImages(key: string, images: readonly LoggedImage[], step: number): string {
    return this.#announceMedia(storeImages(this.#filesFolder, key, images, step));
  }

  /** Stores a table under `files/`; what it returns is its value in a row. */
  storeTable(key: string, table: LoggedTable, step: number): string {
    return this.#announceMedia(storeTable(this.#filesFolder, key, table, step));
  }

  /** Sets latest values; W&B does not derive them from the history. */
  logSummary(summary: ReadonlyMap<string, WandbValue>, wallTimeSeconds: number): void {
    const texts = Array.from(summary, ([key, value]) => [key, jsonOf(value)] as const);
    const update = itemsOf(texts);
    update.push({
      nestedKey: ["_wandb", "runtime"],
      valueJson: String(this.#runtime(wallTimeSeconds)),
    });
    this.#append({ summary: { update } });
  }

  /** A line that was printed, without its end. */
  logOutput(text: string, stream: "stdout" | "stderr", wallTimeSeconds: number): void {
    this.#append({
      outputRaw: {
        outputType: outputType[stream],
        timestamp: timestampOf(wallTimeSeconds),
        line: `${wellFormed(text)}\n`,
      },
    });
  }

  /** What the machine does, by W&B's names: `cpu`, `memory_percent`. */
  logStats(metrics: ReadonlyMap<string, number>, wallTimeSeconds: number): void {
    const item = itemsOf([...metrics].map(([key, value]) => [key, looseJson(value)] as const));
    this.#append({ stats: { timestamp: timestampOf(wallTimeSeconds), item } });
  }

  /**
   * Names something that the run made; its content stays where it is.
   *
   * @param place its absolute path
   */
  logArtifact(artifact: RunArtifact, place: string): void {
    this.#append({ artifact: artifactReference(artifact, place, this.#info) });
  }

  /** Logs in one write what `work` logs. */
  together(work: () => void): void {
    this.#log.together(work);
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

  #configItems(config: Parameters): WandbItem[] {
    const entries = Object.entries(config);
    return itemsOf(entries.map(([key, value]) => [key, this.#redact(looseJson(value))] as const));
  }

  get #filesFolder(): string {
    return path.join(this.folder, "files");
  }

  #append(record: WandbRecord): void {
    this.#log.append(encodeRecord(++this.#records, record));
  }

  /** Whole seconds since the run began. */
  #runtime(wallTimeSeconds: number): number {
    return Math.max(0, Math.round(wallTimeSeconds - this.#info.startTimeSeconds));
  }

  #announceMedia({ valueJson, files }: StoredMedia): string {
    this.#announce(files, fileType.media);
    return valueJson;
  }

  /** Only files that are announced are uploaded. */
  #announce(names: readonly string[], type: number): void {
    this.#append({ files: { files: names.map((name) => ({ path: name, type })) } });
  }
}

const jsonOf = (value: WandbValue): string =>
  typeof value === "number" ? looseJson(value) : value;

/**
 * Makes `offline-run-YYYYMMDD_HHMMSS-<id>` (local time), later than every one already there: they are
 * synced by their names' order, whatever the clock and its time zone were.
 */
function makeFolder(parent: string, runId: string, nowSeconds: number): string {
  mkdirSync(parent, { recursive: true });
  const newest = readdirSync(parent).reduce((latest, name) => {
    const [, time = ""] = /^offline-run-(\d{8}_\d{6})/.exec(name) ?? [];
    return time > latest ? time : latest;
  }, "");
  const now = timeName(nowSeconds);
  const folder = path.join(parent, `offline-run-${now > newest ? now : after(newest)}-${runId}`);
  mkdirSync(path.join(folder, "files"), { recursive: true });
  return folder;
}

/** The name of the second after another name's, which is no time of day where people changed clocks. */
function after(name: string): string {
  const [, year, month, day, hour, minute, second] = /(....)(..)(..)_(..)(..)(..)/.exec(name)!;
  const next = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second! + 1);
  return new Date(next).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
}

function timeName(seconds: number): string {
  const time = new Date(seconds * 1000);
  const digits = (values: number[]): string =>
    values.map((n) => String(n).padStart(2, "0")).join("");
  const date = digits([time.getFullYear(), time.getMonth() + 1, time.getDate()]);
  return `${date}_${digits([time.getHours(), time.getMinutes(), time.getSeconds()])}`;
}
