import { exitCodeAfter } from "../exitCodeAfter.ts";
import { histogramBins } from "../histogram.ts";
import { nonFiniteWord } from "../jsonNumber.ts";
import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
  LogPoint,
} from "../logger.ts";
import { readImages, type RunRecord } from "../metricsFile.ts";
import { prCurvePoints } from "../prCurve.ts";
import { secretRedactor } from "../redactSecrets.ts";
import { artifactPlace } from "../runArtifact.ts";
import { keepHistoryUpTo, type EarlierHistory } from "../wandb/earlierFolders.ts";
import { looseJson } from "../wandb/json.ts";
import { prCurveTable } from "../wandb/media.ts";
import { WandbOfflineRun } from "../wandb/offline.ts";
import { WandbOnlineRun, wantsOnline } from "../wandb/online.ts";
import { WandbRows, type WandbRow } from "../wandb/rows.ts";
import { checkWandbRunInfo, type WandbRunInfo } from "../wandb/runInfo.ts";
import { WandbSideFiles } from "../wandb/sideFiles.ts";

export interface WandbOptions {
  /** The run's folder. */
  folder: string;
  info: WandbRunInfo;
  /** Files beside the numbers, by name, such as `wandb-metadata.json` and `requirements.txt`. */
  files?: Readonly<Record<string, string>>;
  /** Step of the checkpoint that the run continues from, and what was logged up to it. */
  resume?: { step: number; records: readonly RunRecord[] };
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
 * overwrites a run from its first row, so that a resumed run sends the earlier rows again.
 */
export function wandbLogger(options: WandbOptions): Logger {
  const { folder, info, resume, warn = console.warn, intervalSeconds = 30 } = options;
  const { clock = () => Date.now() / 1000 } = options;
  checkWandbRunInfo(info);
  const uploadCommand = `seedbed wandb sync ${folder}`;
  const earlier = resume ? trimEarlierFolders(options, resume.step) : undefined;
  const offline = openOffline(options, clock(), earlier);
  let online = openOnline(options, (reason, confirmedRows) => {
    online = undefined;
    warn(
      `W&B misses rows of this run: ${reason} (${confirmedRows} rows are there for certain). The run goes on and has everything in ${offline.folder}; upload it with: ${uploadCommand}`,
    );
  });
  const sideFiles = new WandbSideFiles(folder, offline, earlier ?? nothingSeen);
  const news = new Map<string, string>(); // of the summary, since it was last written
  let isOrderWarned = false;
  const rows = new WandbRows(({ point, values, plain }) => {
    if (!values.has("epoch")) values.set("epoch", looseJson(point.epoch));
    const isStored = earlier !== undefined && point.step <= earlier.lastStep;
    if (!isStored) offline.logRow(values, point.step, point.wallTimeSeconds);
    online?.log(Object.fromEntries(plain), point.step);
  });

  /** The step's row, or a warning that there can be none. */
  function rowAt(point: LogPoint): WandbRow | undefined {
    const row = rows.at(point);
    if (!row && !isOrderWarned) {
      warn(
        `W&B leaves out values of step ${point.step}: a later step was logged before; metrics.jsonl has them`,
      );
      isOrderWarned = true;
    }
    return row;
  }

  function put(row: WandbRow | undefined, key: string, valueJson: string, plain?: unknown): void {
    if (!row) return;
    row.values.set(key, valueJson);
    if (plain !== undefined) row.plain.set(key, plain);
    news.set(key, valueJson);
  }

  function logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): void {
    const entries = Object.entries(metrics);
    const row = entries.length > 0 ? rowAt(point) : undefined;
    for (const [key, value] of entries) {
      put(row, key, looseJson(value), nonFiniteWord(value) ?? value);
    }
  }

  function logImages(key: string, images: readonly LoggedImage[], point: LogPoint): void {
    const row = images.length > 0 ? rowAt(point) : undefined;
    if (row) put(row, key, offline.storeImages(key, images, point.step));
  }

  function logHistogram(key: string, histogram: LoggedHistogram, point: LogPoint): void {
    const { edges, counts } = histogramBins(histogram);
    const value = { _type: "histogram", values: counts, bins: edges };
    put(rowAt(point), key, JSON.stringify(value), value);
  }

  function logText(key: string, text: string, point: LogPoint): void {
    put(rowAt(point), key, JSON.stringify(text), text);
  }

  function logTable(key: string, table: LoggedTable, point: LogPoint): void {
    const row = rowAt(point);
    if (row) put(row, key, offline.storeTable(key, table, point.step));
  }

  function logPrCurve(key: string, curve: LoggedPrCurve, point: LogPoint): void {
    logTable(key, prCurveTable(prCurvePoints(curve)), point);
  }

  /** Rows that an earlier folder holds come through here for the stream, which takes no files. */
  function replay(record: RunRecord): void {
    const { step, epoch, wallTimeSeconds } = record;
    const point = { step, epoch, wallTimeSeconds };
    if (record.kind === "metrics") logMetrics(record.metrics, point);
    else if (record.kind === "text") logText(record.key, record.text, point);
    else if (record.kind === "histogram") logHistogram(record.key, record, point);
    else if (earlier && step <= earlier.lastStep) return;
    else if (record.kind === "images") logImages(record.key, readImages(folder, record), point);
    else if (record.kind === "table") logTable(record.key, record, point);
    else logPrCurve(record.key, record, point);
  }
  for (const record of resume?.records ?? []) replay(record);

  function update(): void {
    sideFiles.copy();
    offline.logSummary(news, clock());
    news.clear();
  }

  /** A full disk must not end a run from within a timer: the next value that is logged will tell. */
  function tick(): void {
    try {
      update();
    } catch (error) {
      clearInterval(timer);
      warn(`W&B's folder is not kept up to date while the run goes on: ${String(error)}`);
    }
  }
  const timer = setInterval(tick, intervalSeconds * 1000).unref();

  return {
    name: "wandb",
    logHyperparameters(parameters) {
      offline.logConfig(parameters);
    },
    logMetrics,
    logImages,
    logHistogram,
    logText,
    logTable,
    logPrCurve,
    /** W&B names what a run used by what its server calls it, which nobody knows here. */
    logArtifact(artifact) {
      if (artifact.direction === "output")
        offline.logArtifact(artifact, artifactPlace(folder, artifact));
    },
    flush() {
      update();
      offline.sync();
    },
    async finalize(outcome, summary = {}) {
      clearInterval(timer);
      rows.end();
      for (const [key, value] of Object.entries(summary)) news.set(key, looseJson(value));
      update();
      offline.finish(exitCodeAfter(outcome), clock());
      const rowCount = await online?.finish(exitCodeAfter(outcome));
      if (rowCount !== undefined) {
        warn(
          `W&B has confirmed all ${rowCount} rows; pictures, files and what was printed follow with: ${uploadCommand}`,
        );
      }
    },
  };
}

const nothingSeen = { lastOutputSeconds: -Infinity, lastStatsSeconds: -Infinity };

function trimEarlierFolders(
  { folder, info, warn = console.warn }: WandbOptions,
  step: number,
): EarlierHistory {
  const earlier = keepHistoryUpTo(folder, info.runId, step);
  for (const synced of earlier.alreadySynced) {
    warn(
      `W&B already has rows after step ${step} from ${synced}; seedbed wandb sync overwrites them with the resumed run's, wandb sync repeats those steps`,
    );
  }
  for (const file of earlier.damaged) {
    warn(`W&B's log ${file} is damaged and stays as it is; its rows are written again`);
  }
  return earlier;
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
