import path from "node:path";

import { InputError } from "../base/errors.ts";
import { readRegularFile } from "../base/readRegularFile.ts";
import { numberFromJson } from "../tracking/jsonNumber.ts";
import { metricsFileName } from "../tracking/metricsFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { runOwner } from "../tracking/runLock.ts";
import { manifestPath, readManifest, type RunManifest } from "../tracking/runManifest.ts";
import { notesFileName } from "../tracking/runNotes.ts";
import { isUnchanged } from "./appendedLines.ts";
import { fileStamp, statOf } from "./fileStamp.ts";
import { groupOf, readFlatSpec, type FlatSpec } from "./flatSpec.ts";
import type { Cell } from "./indexedRun.ts";
import { readNotes } from "./readNotes.ts";
import type { IndexEntry, ReadEntryOptions, RunReader } from "./runReader.ts";
import { isLogState, readLog, type LogState, type ReadLog } from "./seedbedLog.ts";

interface SeedbedState {
  readonly manifest: string;
  readonly notes: string;
  readonly spec: string;
  readonly log: LogState;
}

/** Runs that this program has made: a folder with a `manifest.json`. */
export const seedbedReader: RunReader = { readEntry };

function readEntry(folder: string, options: ReadEntryOptions): IndexEntry | undefined {
  const { earlier, nowMs } = options;
  const before = isState(earlier?.state) ? earlier.state : undefined;
  const manifestStamp = fileStamp(manifestPath(folder));
  if (manifestStamp === "") return undefined;
  const notes = fileStamp(path.join(folder, notesFileName));
  const logFile = path.join(folder, metricsFileName);
  const isKept = before?.manifest === manifestStamp;
  const isQuiet = isKept && before.notes === notes && isUnchanged(logFile, before.log.cursor);
  if (isQuiet && (!earlier?.isAlive || isOwned(folder))) return earlier;
  const manifest = loadManifest(folder);
  const logged = readLog(folder, { before: before?.log, resumes: manifest.resumes, ...options });
  const isAlive =
    manifest.status === "running" && (!isKept || earlier?.isAlive === true) && isOwned(folder);
  const specFile = path.join(folder, "spec.yaml");
  const spec = isKept ? before.spec : fileStamp(specFile);
  const config = earlier && before?.spec === spec ? keptSpec(earlier.run) : readSpec(specFile);
  const run = describe(folder, manifest, { config, logged, isAlive, nowMs });
  return { run, isAlive, state: { manifest: manifestStamp, notes, spec, log: logged.log } };
}

function isState(value: unknown): value is SeedbedState {
  return isRecord(value) && isLogState(value["log"]);
}

type ManifestPart = Pick<
  RunManifest,
  "id" | "name" | "status" | "startedAt" | "heartbeatAt" | "summary" | "resumes" | "imported"
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
    return { spec: readFlatSpec(readRegularFile(file).toString()) };
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { spec: {}, problem: specProblem + (isGone ? "is missing" : "cannot be read") };
  }
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
      ...(manifest.imported?.problems ?? []),
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
