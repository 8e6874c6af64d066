import path from "node:path";

import { metricsFileName } from "../tracking/metricsFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { isFileCursor, readAppendedLines, type FileCursor } from "./appendedLines.ts";
import { saveColumns } from "./columnFile.ts";
import { statOf } from "./fileStamp.ts";
import type { IndexedRun } from "./indexedRun.ts";
import { parseMetricLine } from "./metricLine.ts";
import { MetricSummaries } from "./metricSummaries.ts";
import { RunCurves } from "./runCurves.ts";
import type { ReadEntryOptions } from "./runReader.ts";

/** What was read of `metrics.jsonl`. */
export interface LogState {
  readonly cursor: FileCursor | null;
  readonly damagedLines: number;
  readonly step: number;
  /** When each process of the run logged last, seconds since 1970; 0 for one that logged nothing. */
  readonly lastTimes: readonly number[];
}

const noLog: LogState = { cursor: null, damagedLines: 0, step: 0, lastTimes: [] };

export function isLogState(value: unknown): value is LogState {
  if (!isRecord(value)) return false;
  const { cursor, lastTimes } = value;
  return (cursor === null || isFileCursor(cursor)) && Array.isArray(lastTimes);
}

/** A log, and what it says of each metric. */
export interface ReadLog {
  readonly log: LogState;
  readonly metrics: IndexedRun["metrics"];
}

interface ReadLogOptions extends ReadEntryOptions {
  readonly before: LogState | undefined;
  /** When processes after the first took the run up; ISO 8601. */
  readonly resumes: readonly { startedAt: string }[];
}

/** Reads on. Columns of a long log are kept, for whoever asks for its curves. */
export function readLog(
  folder: string,
  { before = noLog, resumes, earlier, cacheFolder }: ReadLogOptions,
): ReadLog {
  const summaries = new MetricSummaries(before === noLog ? {} : earlier?.run.metrics);
  const starts = resumes.map(({ startedAt }) => Date.parse(startedAt) / 1000);
  const file = path.join(folder, metricsFileName);
  const columns =
    cacheFolder !== null && !before.cursor && isLong(file) ? new RunCurves() : undefined;
  let { damagedLines, step } = before;
  let lastTimes = [...before.lastTimes];
  const cursor = readAppendedLines(file, before.cursor ?? undefined, {
    restart() {
      summaries.clear();
      damagedLines = step = 0;
      lastTimes = [];
    },
    line(text) {
      const line = parseMetricLine(text);
      if (!line) return void damagedLines++;
      step = line.step;
      if (line.time > 0) noteTime(lastTimes, starts, line.time);
      if (!line.metrics) return;
      if (!summaries.add(step, line.metrics)) damagedLines++;
      columns?.point(step, line.epoch, line.time, line.metrics);
    },
  });
  if (columns && cacheFolder !== null)
    saveColumns(cacheFolder, folder, { curves: columns, cursor });
  const log = { cursor: cursor ?? null, damagedLines, step, lastTimes };
  return { log, metrics: summaries.toRecord() };
}

const longBytes = 2 ** 21;

const isLong = (file: string): boolean => (statOf(file)?.size ?? 0) >= longBytes;

/** Times of each process go to its own place: it began at the start that is next before. */
function noteTime(lastTimes: number[], starts: readonly number[], time: number): void {
  let process = 0;
  while (process < starts.length && time >= starts[process]!) process++;
  while (lastTimes.length <= process) lastTimes.push(0);
  lastTimes[process] = Math.max(lastTimes[process]!, time);
}
