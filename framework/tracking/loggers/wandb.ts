import { artifactPlace } from "../artifacts.ts";
import { exitCodeAfter } from "../exitCodeAfter.ts";
import { histogramBins } from "../histogram.ts";
import { nonFiniteWord } from "../jsonNumber.ts";
import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  LogPoint,
  MetricsRow,
  RowLogger,
} from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";
import { metricsRow } from "../metricsRow.ts";
import type { Parameters } from "../parameters.ts";
import { prCurvePoints } from "../prCurve.ts";
import { secretRedactor } from "../redactSecrets.ts";
import type { RunArtifact } from "../runArtifact.ts";
import type { RunOutcome, RunSummary } from "../runOutcome.ts";
import {
  keepHistoryBefore,
  type EarlierHistory,
  type ResumedFrom,
} from "../wandb/earlierFolders.ts";
import { looseJson, wellFormed } from "../wandb/json.ts";
import { prCurveTable } from "../wandb/media.ts";
import { WandbOfflineRun } from "../wandb/offline.ts";
import { WandbOnlineRun, wantsOnline } from "../wandb/online.ts";
import { putNumbers, putValue, WandbRows, type WandbRow, type WandbValue } from "../wandb/rows.ts";
import { checkWandbRunInfo, type WandbRunInfo } from "../wandb/runInfo.ts";
import { WandbSideFiles } from "../wandb/sideFiles.ts";
import { logRecord } from "./logRecord.ts";

export interface WandbOptions {
  /** The run's folder. */
  folder: string;
  info: WandbRunInfo;
  /** Files beside the numbers, by name, such as `wandb-metadata.json` and `requirements.txt`. */
  files?: Readonly<Record<string, string>>;
  /** Step of the checkpoint that the run continues from, and what was logged up to it. */
  resume?: ResumedFrom;
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  /** Seconds since 1970. */
  clock?: () => number;
  /** How often the summary, console lines and the state of the machine are taken over. */
  intervalSeconds?: number;
  environment?: NodeJS.ProcessEnv;
  initTimeoutSeconds?: number;
  requestTimeoutSeconds?: number;
  finishTimeoutSeconds?: number;
}

/**
 * Writes W&B's offline folder, always, and streams to W&B as well when a key is set. The folder is
 * the copy to trust; the stream carries all but pictures, and ends at the first failure.
 *
 * A row holds all that is logged at one step and is written when the next step begins. The stream
 * overwrites a run from its first row, so that a resumed run sends the earlier rows again. The row of
 * the step that it continues from is written anew: its process may have ended before it was whole.
 */
export function wandbLogger(options: WandbOptions): RowLogger {
  return new WandbLogger(options);
}

class WandbLogger implements RowLogger {
  readonly name = "wandb";
  readonly #folder: string;
  readonly #warn: (message: string) => void;
  readonly #clock: () => number;
  readonly #resumedStep: number | undefined;
  readonly #earlier: EarlierHistory | undefined;
  readonly #offline: WandbOfflineRun;
  #online: WandbOnlineRun | undefined;
  readonly #sideFiles: WandbSideFiles;
  readonly #rows = new WandbRows((row) => this.#write(row));
  /** Of the summary, since it was last written. */
  readonly #news = new Map<string, WandbValue>();
  /** Numbers that are newer than what `#news` has of them. */
  #latest: MetricsRow | undefined;
  readonly #timer: NodeJS.Timeout;
  #isOrderWarned = false;

  constructor(options: WandbOptions) {
    const { folder, info, resume, warn = console.warn, intervalSeconds = 30 } = options;
    const { clock = () => Date.now() / 1000 } = options;
    checkWandbRunInfo(info);
    this.#folder = folder;
    this.#warn = warn;
    this.#clock = clock;
    this.#resumedStep = resume?.step;
    this.#earlier = resume ? trimEarlierFolders(options, resume) : undefined;
    this.#offline = openOffline(options, clock(), this.#earlier);
    this.#online = openOnline(options, (...lost) => this.#endStream(...lost));
    this.#sideFiles = new WandbSideFiles(folder, this.#offline, this.#earlier ?? nothingSeen);
    for (const record of resume?.records ?? []) this.#replay(record);
    this.#timer = setInterval(() => this.#tick(), intervalSeconds * 1000).unref();
  }

  logHyperparameters(parameters: Parameters): void {
    this.#offline.logConfig(parameters);
  }

  logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): void {
    this.#logRow(metricsRow(metrics, point));
  }

  logRows(rows: readonly MetricsRow[]): void {
    this.#offline.together(() => {
      for (const row of rows) this.#logRow(row);
    });
  }

  #logRow(numbers: MetricsRow): void {
    const { names, values, point } = numbers;
    const row = names.length > 0 ? this.#rowAt(point) : undefined;
    if (!row) return;
    putNumbers(row, numbers);
    if (this.#latest?.names !== names) this.#takeLatest();
    this.#latest = numbers;
    if (!this.#online) return;
    for (const [i, name] of names.entries())
      row.plain.set(name, nonFiniteWord(values[i]!) ?? values[i]!);
  }

  /** What is known of the summary is all that was logged. */
  #takeLatest(): void {
    const { names = [], values } = this.#latest ?? {};
    for (const [i, name] of names.entries()) this.#news.set(name, values![i]!);
    this.#latest = undefined;
  }

  logImages(key: string, images: readonly LoggedImage[], point: LogPoint): void {
    const row = images.length > 0 ? this.#rowAt(point) : undefined;
    if (row) this.#put(row, key, this.#offline.storeImages(key, images, point.step));
  }

  logHistogram(key: string, histogram: LoggedHistogram, point: LogPoint): void {
    const { edges, counts } = histogramBins(histogram);
    const value = { _type: "histogram", values: counts, bins: edges };
    this.#put(this.#rowAt(point), key, JSON.stringify(value), value);
  }

  logText(key: string, text: string, point: LogPoint): void {
    this.#put(this.#rowAt(point), key, JSON.stringify(text), text);
  }

  logTable(key: string, table: LoggedTable, point: LogPoint): void {
    const row = this.#rowAt(point);
    if (row) this.#put(row, key, this.#offline.storeTable(key, table, point.step));
  }

  logPrCurve(key: string, curve: LoggedPrCurve, point: LogPoint): void {
    this.logTable(key, prCurveTable(prCurvePoints(curve)), point);
  }

  /** W&B names what a run used by what its server calls it, which nobody knows here. */
  logArtifact(artifact: RunArtifact): void {
    if (artifact.direction === "input") return;
    this.#offline.logArtifact(artifact, artifactPlace(this.#folder, artifact));
  }

  flush(): void {
    this.#update();
    this.#offline.sync();
  }

  async finalize(outcome: RunOutcome, summary: RunSummary = {}): Promise<void> {
    clearInterval(this.#timer);
    this.#rows.end();
    this.#takeLatest();
    for (const [key, value] of Object.entries(summary)) this.#news.set(key, looseJson(value));
    this.#update();
    this.#offline.finish(exitCodeAfter(outcome), this.#clock());
    const rowCount = await this.#online?.finish(exitCodeAfter(outcome));
    if (rowCount === undefined) return;
    this.#warn(
      `W&B has confirmed all ${rowCount} rows; pictures, files and what was printed follow with: ${this.#uploadCommand}`,
    );
  }

  get #uploadCommand(): string {
    return `seedbed wandb sync ${this.#folder}`;
  }

  #endStream(reason: string, confirmedRows: number): void {
    this.#online = undefined;
    this.#warn(
      `W&B misses rows of this run: ${reason} (${confirmedRows} rows are there for certain). The run goes on and has everything in ${this.#offline.folder}; upload it with: ${this.#uploadCommand}`,
    );
  }

  #write(row: WandbRow): void {
    const { point, numbers, values, plain } = row;
    const { step, epoch, wallTimeSeconds } = point;
    const hasEpoch = values.has("epoch") || numbers?.names.includes("epoch") === true;
    if (!hasEpoch) values.set("epoch", epoch);
    if (step === this.#resumedStep) this.#tellIfChanged(row);
    if (!this.#isStored(step)) this.#offline.logRow(row, step, wallTimeSeconds);
    this.#online?.log(Object.fromEntries(plain), step);
  }

  /** The row of the step that the run continues from is written again: no matter if W&B has the same. */
  #tellIfChanged(row: WandbRow): void {
    for (const { folder, hasLater, row: before } of this.#earlier?.alreadySynced ?? []) {
      if (hasLater || !before || isSameRow(before, row)) continue;
      this.#warn(
        `W&B already has the row of step ${row.point.step} from ${folder}, and the resumed run has logged more there; ${repeats}`,
      );
    }
  }

  /** Whether an earlier folder of the run has the step's row. */
  #isStored(step: number): boolean {
    return this.#earlier !== undefined && step <= this.#earlier.lastStep;
  }

  /** The step's row, or a warning that there can be none. */
  #rowAt(point: LogPoint): WandbRow | undefined {
    const row = this.#rows.at(point);
    if (!row && !this.#isOrderWarned) {
      this.#warn(
        `W&B leaves out values of step ${point.step}: a later step was logged before; metrics.jsonl has them`,
      );
      this.#isOrderWarned = true;
    }
    return row;
  }

  #put(row: WandbRow | undefined, key: string, valueJson: string, plain?: unknown): void {
    if (!row) return;
    putValue(row, key, valueJson);
    if (plain !== undefined) row.plain.set(key, plain);
    this.#takeLatest();
    this.#news.set(key, valueJson);
  }

  /** Rows that an earlier folder holds come through here for the stream, which takes no files. */
  #replay(record: RunRecord): void {
    const hasFiles =
      record.kind === "images" || record.kind === "table" || record.kind === "prCurve";
    if (!hasFiles || !this.#isStored(record.step)) void logRecord(this, record, this.#folder);
  }

  #update(): void {
    this.#sideFiles.copy();
    this.#takeLatest();
    this.#offline.logSummary(this.#news, this.#clock());
    this.#news.clear();
  }

  /** A full disk must not end a run from within a timer: the next value that is logged will tell. */
  #tick(): void {
    try {
      this.#update();
    } catch (error) {
      clearInterval(this.#timer);
      this.#warn(`W&B's folder is not kept up to date while the run goes on: ${String(error)}`);
    }
  }
}

const nothingSeen = { lastOutputSeconds: -Infinity, lastStatsSeconds: -Infinity };

const repeats =
  "seedbed wandb sync overwrites what is there with the resumed run's, wandb sync repeats the step";

function trimEarlierFolders(
  { folder, info, warn = console.warn }: WandbOptions,
  resume: ResumedFrom,
): EarlierHistory {
  const earlier = keepHistoryBefore(folder, info.runId, resume);
  for (const synced of earlier.alreadySynced) {
    if (!synced.hasLater) continue;
    warn(
      `W&B already has rows after step ${Math.max(0, resume.step)} from ${synced.folder}; ${repeats}`,
    );
  }
  for (const file of earlier.damaged) {
    warn(`W&B's log ${file} is damaged and stays as it is; its rows are written again`);
  }
  return earlier;
}

/** Whether a row has the same values as one that was written before, as JSON. */
function isSameRow(before: ReadonlyMap<string, string>, { numbers, values }: WandbRow): boolean {
  const own = ["_step", "_runtime", "_timestamp"].filter((key) => before.has(key));
  const names = numbers?.names ?? [];
  if (names.length + values.size !== before.size - own.length) return false;
  const now = [...values, ...names.map((name, i) => [name, numbers!.values[i]!] as const)];
  return now.every(([key, value]) => {
    const text = before.get(wellFormed(key));
    return text === value || (typeof value === "number" && text === looseJson(value));
  });
}

function openOffline(
  { folder, info, files, environment = process.env }: WandbOptions,
  nowSeconds: number,
  earlier: EarlierHistory | undefined,
): WandbOfflineRun {
  return new WandbOfflineRun({
    folder,
    info,
    nowSeconds,
    redact: secretRedactor(environment),
    ...(files && { files }),
    ...(earlier && { startingStep: earlier.lastStep + 1 }),
  });
}

function openOnline(
  {
    info,
    environment = process.env,
    warn = console.warn,
    initTimeoutSeconds = 30,
    requestTimeoutSeconds = 60,
    finishTimeoutSeconds = 60,
  }: WandbOptions,
  onLost: (reason: string, confirmedRows: number) => void,
): WandbOnlineRun | undefined {
  if (!wantsOnline(environment)) return undefined;
  return new WandbOnlineRun({
    info,
    environment,
    initTimeoutSeconds,
    requestTimeoutSeconds,
    finishTimeoutSeconds,
    onLost,
    onReady: (url) => warn(`W&B: ${url}`),
  });
}
