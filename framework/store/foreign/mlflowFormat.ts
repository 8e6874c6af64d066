import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { readRegularFile } from "../../base/readRegularFile.ts";
import { mlflowStatus } from "../../tracking/mlflow/store.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { fileStamp } from "../fileStamp.ts";
import type { ForeignFormat, ForeignListener, ForeignRun } from "./foreignRun.ts";
import { artifactFiles, artifactMedia } from "./mlflowArtifacts.ts";

/**
 * Runs of MLflow's file store: a folder with `meta.yaml`, and a file for each parameter, metric and tag.
 *
 * Source: mlflow/store/tracking/file_store.py.
 */
export const mlflowFormat: ForeignFormat = {
  stamp(folder) {
    const metrics = filesBelow(path.join(folder, "metrics"));
    const files = [path.join(folder, "meta.yaml"), ...metrics.map(({ file }) => file)];
    return files.map(fileStamp).filter(Boolean).join();
  },
  read: readRun,
};

function readRun(folder: string): ForeignRun {
  const meta = readMeta(folder);
  const tags = readTexts(path.join(folder, "tags"));
  const params = [...readTexts(path.join(folder, "params"))];
  const program = tags.get("mlflow.source.name");
  const commit = tags.get("mlflow.source.git.commit");
  return {
    id: path.basename(folder),
    name: textOf(readMeta(path.dirname(folder))["name"]) || path.basename(path.dirname(folder)),
    title: textOf(meta["run_name"]) || null,
    notes: tags.get("mlflow.note.content") ?? "",
    tags: tagsOf(tags),
    group: null,
    sweepId: null,
    config: Object.fromEntries(params.map(([key, text]) => [key, valueOf(text)])),
    summary: {},
    surroundings: {
      ...(program !== undefined && { command: program.split(" ") }),
      ...(commit !== undefined && { git: { commit, dirty: false } }),
    },
    gitPatch: "",
    startSeconds: typeof meta["start_time"] === "number" ? meta["start_time"] / 1000 : NaN,
    outcome: outcomeOf(meta["status"]),
    problems: Object.keys(meta).length === 0 ? ["meta.yaml is missing or damaged"] : [],
    unfinished: [],
    readPoints(listener) {
      readMetrics(folder, listener);
      for (const item of listener.media ? artifactMedia(folder) : []) listener.media?.(item);
    },
    readConsole: () => [],
    readSystem: () => [],
    files: () => artifactFiles(folder),
  };
}

/** Empty where there is none that can be read. */
function readMeta(folder: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(readRegularFile(path.join(folder, "meta.yaml")).toString());
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function outcomeOf(status: unknown): ForeignRun["outcome"] {
  if (status === mlflowStatus.finished) return "finished";
  return status === mlflowStatus.failed ? "failed" : undefined;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Of what people have said: MLflow's own tags are its record of the run. */
function tagsOf(tags: ReadonlyMap<string, string>): string[] {
  const own = tags.get("seedbed.tags")?.split(", ") ?? [];
  const others = [...tags].filter(([key]) => !/^(mlflow|seedbed)\./.test(key));
  return [...own, ...others.map(([key, value]) => `${key}: ${value}`)];
}

/** MLflow keeps parameters as text: numbers and truth values are made what they were. */
function valueOf(text: string): string | number | boolean {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return /^-?\d/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Contents of files by their paths, which are the keys. */
function readTexts(folder: string): Map<string, string> {
  return new Map(filesBelow(folder).map(({ key, file }) => [key, readFileSync(file, "utf8")]));
}

/** Links are passed over. */
function filesBelow(folder: string): { key: string; file: string }[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => ({ file, key: path.relative(folder, file).split(path.sep).join("/") }));
}

interface Point {
  readonly key: string;
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

/** Metrics by growing step; those of one step and moment together. */
function readMetrics(folder: string, listener: ForeignListener): void {
  const points = filesBelow(path.join(folder, "metrics")).flatMap(({ key, file }) => {
    const read = linesOf(file).map((line) => toPoint(key, line));
    const whole = read.filter((point) => point !== undefined);
    const damaged = read.length - whole.length;
    if (damaged > 0) listener.leftOut?.(`${damaged} lines of metrics/${key} could not be read`);
    return whole;
  });
  points.sort((a, b) => a.step - b.step || a.time - b.time);
  for (let from = 0; from < points.length;) {
    const { step, time } = points[from]!;
    const metrics: [string, number][] = [];
    let to = from;
    for (; points[to]?.step === step && points[to]?.time === time; to++)
      metrics.push([points[to]!.key, points[to]!.value]);
    listener.point(step, NaN, time, Object.fromEntries(metrics));
    from = to;
  }
}

/** Without a last line that has no end yet. */
const linesOf = (file: string): string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);

/**
 * `timestamp value step`, the step not in the oldest stores; the newest add names of models.
 *
 * @returns undefined for a line that is none
 */
function toPoint(key: string, line: string): Point | undefined {
  const [time, value, step = "0"] = line.trim().split(" ");
  if (!value || Number.isNaN(Number(time)) || !Number.isSafeInteger(Number(step))) return undefined;
  return { key, time: Number(time) / 1000, value: pythonFloat(value), step: Number(step) };
}

function pythonFloat(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
}
