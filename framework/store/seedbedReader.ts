import { readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { numberFromJson } from "../tracking/jsonNumber.ts";
import { metricsFileName } from "../tracking/metricsFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { runOwner } from "../tracking/runLock.ts";
import { manifestPath, readManifest, type RunManifest } from "../tracking/runManifest.ts";
import { isFileCursor, isUnchanged, readAppendedLines, type FileCursor } from "./appendedLines.ts";
import { saveColumns } from "./columnFile.ts";
import { fileStamp, statOf } from "./fileStamp.ts";
import { groupOf, readFlatSpec, type FlatSpec } from "./flatSpec.ts";
import type { Cell, IndexedRun } from "./indexedRun.ts";
import { parseMetricLine } from "./metricLine.ts";
import { MetricSummaries } from "./metricSummaries.ts";
import { readNotes } from "./readNotes.ts";
import { RunCurves } from "./runCurves.ts";
import type { IndexEntry, ReadEntryOptions, RunReader } from "./runReader.ts";

/** What was read of `metrics.jsonl`. */
interface LogState {
  readonly cursor: FileCursor | null;
  readonly damagedLines: number;
  readonly step: number;
  /** When each process of the run logged last, seconds since 1970; 0 for one that logged nothing. */
  readonly lastTimes: readonly number[];
}

interface SeedbedState {
  readonly manifest: string;
  readonly notes: string;
  readonly spec: string;
  readonly log: LogState;
}

const noLog: LogState = { cursor: null, damagedLines: 0, step: 0, lastTimes: [] };

/** Runs that this program has made: a folder with a `manifest.json`. */
export const seedbedReader: RunReader = { readEntry };

function readEntry(folder: string, options: ReadEntryOptions): IndexEntry | undefined {
  const { earlier, nowMs } = options;
  const before = isState(earlier?.state) ? earlier.state : undefined;
  const manifestStamp = fileStamp(manifestPath(folder));
  if (manifestStamp === "") return undefined;
  const notes = fileStamp(path.join(folder, "notes.json"));
  const logFile = path.join(folder, metricsFileName);
  const isKept = before?.manifest === manifestStamp;
  const isQuiet = isKept && before.notes === notes && isUnchanged(logFile, before.log.cursor);
  if (isQuiet && (!earlier?.isAlive || isOwned(folder))) return earlier;
  const manifest = loadManifest(folder);
  const logged = readLog(folder, { before: before?.log, manifest, ...options });
  const isAlive =
    manifest.status === "running" && (!isKept || earlier?.isAlive === true) && isOwned(folder);
  const specFile = path.join(folder, "spec.yaml");
  const spec = isKept ? before.spec : fileStamp(specFile);
  const config = earlier && before?.spec === spec ? keptSpec(earlier.run) : readSpec(specFile);
  const run = describe(folder, manifest, { config, logged, isAlive, nowMs });
  return { run, isAlive, state: { manifest: manifestStamp, notes, spec, log: logged.log } };
}

function isState(value: unknown): value is SeedbedState {
  if (!isRecord(value) || !isRecord(value["log"])) return false;
  const { cursor, lastTimes } = value["log"];
  return (cursor === null || isFileCursor(cursor)) && Array.isArray(lastTimes);
}

type ManifestPart = Pick<
  RunManifest,
  "id" | "name" | "status" | "startedAt" | "heartbeatAt" | "summary" | "resumes"
> & { seed: number | null; endedAt?: string; sweep?: RunManifest["sweep"]; problem?: string };

/** Of a damaged one, what the folder's place says: the run stays visible. */
function loadManifest(folder: string): ManifestPart {
  try {
    return readManifest(folder);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const time = new Date(statOf(manifestPath(folder))?.mtimeMs ?? 0).toISOString();
    return {
      id: path.basename(folder),
      name: path.basename(path.dirname(folder)),
      status: "interrupted",
      startedAt: time,
      heartbeatAt: time,
      seed: null,
      summary: {},
      resumes: [],
      problem: "manifest.json is damaged",
    };
  }
}

/** Whether a living process has the folder. */
function isOwned(folder: string): boolean {
  try {
    return runOwner(folder, manifestPath(folder)) !== undefined;
  } catch {
    return false; // the folder has gone
  }
}

interface ReadSpec {
  readonly spec: FlatSpec;
  readonly problem?: string;
}

const specProblem = "spec.yaml ";

/** As it was read before. */
function keptSpec({ config, problems }: IndexEntry["run"]): ReadSpec {
  const problem = problems.find((each) => each.startsWith(specProblem));
  return { spec: config, ...(problem !== undefined && { problem }) };
}

function readSpec(file: string): ReadSpec {
  try {
    return { spec: readFlatSpec(readFileSync(file, "utf8")) };
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { spec: {}, problem: specProblem + (isGone ? "is missing" : "cannot be read") };
  }
}

interface ReadLog {
  readonly log: LogState;
  readonly metrics: IndexedRun["metrics"];
}

interface ReadLogOptions extends ReadEntryOptions {
  readonly before: LogState | undefined;
  readonly manifest: ManifestPart;
}

/** Reads on. Columns of a long log are kept, for whoever asks for its curves. */
function readLog(
  folder: string,
  { before = noLog, manifest, earlier, cacheFolder }: ReadLogOptions,
): ReadLog {
  const summaries = new MetricSummaries(before === noLog ? {} : earlier?.run.metrics);
  const starts = manifest.resumes.map(({ startedAt }) => Date.parse(startedAt) / 1000);
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

interface Parts {
  readonly config: ReadSpec;
  readonly logged: ReadLog;
  readonly isAlive: boolean;
  readonly nowMs: number;
}

function describe(
  folder: string,
  manifest: ManifestPart,
  { config, logged, isAlive, nowMs }: Parts,
): IndexEntry["run"] {
  const { spec } = config;
  const { words, isDamaged } = readNotes(folder, {
    tags: readTags(spec["tags"]),
    notes: typeof spec["notes"] === "string" ? spec["notes"] : "",
  });
  const { sweep } = manifest;
  const isKilled = manifest.status === "running" && !isAlive;
  return {
    folder,
    source: "seedbed",
    id: manifest.id,
    name: manifest.name,
    status: isKilled ? "interrupted" : manifest.status,
    startedAt: manifest.startedAt,
    heartbeatAt: manifest.heartbeatAt,
    endedAt: manifest.endedAt ?? null,
    durationSeconds: durationSeconds(manifest, logged.log.lastTimes),
    seed: manifest.seed,
    step: logged.log.step,
    config: spec,
    metrics: logged.metrics,
    summary: readSummary(manifest.summary),
    group: sweep?.group ?? groupOf(spec),
    sweep: sweep ? { id: sweep.id, name: sweep.name, trial: sweep.trial } : null,
    ...words,
    problems: [
      ...(manifest.problem ? [manifest.problem] : []),
      ...(config.problem ? [config.problem] : []),
      ...(isDamaged ? ["notes.json is damaged"] : []),
      ...describeDamage(logged.log.damagedLines),
      ...describeSkew(manifest, nowMs),
    ],
  };
}

function describeDamage(lines: number): string[] {
  if (lines === 0) return [];
  return [`${lines} ${lines === 1 ? "line" : "lines"} of metrics.jsonl could not be read`];
}

const toleratedSkewMs = 60_000;

function describeSkew({ heartbeatAt }: ManifestPart, nowMs: number): string[] {
  const ahead = Date.parse(heartbeatAt) - nowMs;
  if (!(ahead > toleratedSkewMs)) return [];
  return [`Its last sign of life lies ${Math.round(ahead / 1000)} s in the future: clocks differ`];
}

/** From each process's start to the last that was heard of it. */
function durationSeconds(manifest: ManifestPart, lastTimes: readonly number[]): number {
  const starts = [manifest, ...manifest.resumes].map(
    ({ startedAt }) => Date.parse(startedAt) / 1000,
  );
  const last = Date.parse(manifest.endedAt ?? manifest.heartbeatAt) / 1000;
  const parts = starts.map((start, i) => {
    const end = i === starts.length - 1 ? last : (lastTimes[i] ?? 0);
    return Math.max(0, end - start) || 0;
  });
  return parts.reduce((sum, part) => sum + part, 0);
}

function readSummary(summary: RunManifest["summary"]): Record<string, Cell> {
  const cells = Object.entries(summary).map(([name, value]): [string, Cell] => [
    name,
    numberFromJson(value) ?? value,
  ]);
  return Object.fromEntries(cells);
}

function readTags(cell: Cell | undefined): string[] {
  try {
    const tags: unknown = typeof cell === "string" ? JSON.parse(cell) : [];
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  } catch {
    return [];
  }
}
