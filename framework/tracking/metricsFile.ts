import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { readLines } from "../base/readLines.ts";
import { nonFiniteWord, numberFromJson, numberToJson } from "./jsonNumber.ts";
import type {
  HistogramBins,
  LoggedImage,
  LoggedTable,
  LogPoint,
  PrCurvePoints,
  TableCell,
} from "./logger.ts";
import { MetricsLines } from "./metricsLines.ts";
import { metricsRow } from "./metricsRow.ts";
import { isRecord } from "./parameters.ts";

/** Scalars of one moment, float64. */
export interface MetricsRecord extends LogPoint {
  kind: "metrics";
  metrics: Readonly<Record<string, number>>;
}

/** A picture in the run's folder. */
export interface ImageFile {
  /** Relative to the run's folder, with forward slashes. */
  file: string;
  width: number;
  height: number;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
  caption?: string;
}

export interface ImagesRecord extends LogPoint {
  kind: "images";
  key: string;
  images: readonly ImageFile[];
}

export interface HistogramRecord extends LogPoint, HistogramBins {
  kind: "histogram";
  key: string;
}

export interface TextRecord extends LogPoint {
  kind: "text";
  key: string;
  text: string;
}

export interface TableRecord extends LogPoint, LoggedTable {
  kind: "table";
  key: string;
}

export interface PrCurveRecord extends LogPoint, PrCurvePoints {
  kind: "prCurve";
  key: string;
}

/** One line of `metrics.jsonl`. */
export type RunRecord =
  | MetricsRecord
  | ImagesRecord
  | HistogramRecord
  | TextRecord
  | TableRecord
  | PrCurveRecord;

export const metricsFileName = "metrics.jsonl";

const lines = new MetricsLines();

/** One line of the file, with its line end. */
export function formatRecord(record: RunRecord): string {
  if (record.kind !== "metrics") return `${formatHead(record)},${formatContent(record)}\n`;
  const line = lines.encode([metricsRow(record.metrics, record)]);
  return Buffer.from(line).toString();
}

function formatHead({ kind, step, epoch, wallTimeSeconds }: RunRecord): string {
  return `{"kind":"${kind}","step":${step},"epoch":${numberToJson(epoch)},"wallTimeSeconds":${wallTimeSeconds}`;
}

/** The rest of an object whose head is written. */
function formatContent(record: RunRecord): string {
  const { kind: _, step: _1, epoch: _2, wallTimeSeconds: _3, ...content } = record;
  return JSON.stringify(content, withWords).slice(1);
}

/** Numbers that JSON does not have, in a table's cells. */
function withWords(_: string, value: unknown): unknown {
  return (typeof value === "number" ? nonFiniteWord(value) : undefined) ?? value;
}

/** A line that is known to be good, and what it says. */
export interface RecordLine {
  line: string;
  record: RunRecord;
}

/**
 * Lines of a `metrics.jsonl`, one after another: all at once may be longer than a text can be. A last
 * line without its line end is what a killed process left of a write, and is passed over.
 *
 * @throws {InputError} naming the line when any other line cannot be read
 */
export function* readRecordLines(file: string, chunkBytes?: number): Generator<RecordLine, void> {
  if (!existsSync(file)) return;
  let number = 0;
  for (const line of readLines(file, chunkBytes)) {
    number++;
    const record = parseRecord(line);
    if (!record) {
      throw new InputError(
        `Cannot read ${file}:${number}: expected a record of a known kind, got ${JSON.stringify(line.slice(0, 60))}`,
      );
    }
    yield { line: `${line}\n`, record };
  }
}

/** Every record of a run, in the order they were logged. */
export function readRecords(folder: string): RunRecord[] {
  const records: RunRecord[] = [];
  for (const { record } of readRecordLines(path.join(folder, metricsFileName)))
    records.push(record);
  return records;
}

/** The scalars of a run, in the order they were logged. */
export function readMetrics(folder: string): MetricsRecord[] {
  return readRecords(folder).filter((record) => record.kind === "metrics");
}

/** Pictures of a record, with their content; those whose file is gone are left out. */
export function readImages(folder: string, { images }: ImagesRecord): LoggedImage[] {
  return images
    .filter(({ file }) => existsSync(path.join(folder, file)))
    .map(({ file, width, height, caption }) => ({
      png: readFileSync(path.join(folder, file)),
      width,
      height,
      ...(caption !== undefined && { caption }),
    }));
}

function parseRecord(line: string): RunRecord | undefined {
  const value = parseJson(line);
  if (!isRecord(value)) return undefined;
  const { step, wallTimeSeconds, key, text } = value;
  const epoch = numberFromJson(value["epoch"]);
  if (typeof step !== "number" || typeof wallTimeSeconds !== "number" || epoch === undefined) {
    return undefined;
  }
  const point = { step, epoch, wallTimeSeconds };
  if (value["kind"] === "metrics") {
    const metrics = parseMetrics(value["metrics"]);
    return metrics && { kind: "metrics", ...point, metrics };
  }
  if (typeof key !== "string") return undefined;
  switch (value["kind"]) {
    case "text":
      return typeof text === "string" ? { kind: "text", ...point, key, text } : undefined;
    case "images": {
      const { images } = value;
      const isWhole = Array.isArray(images) && images.every(isImageFile);
      return isWhole ? { kind: "images", ...point, key, images } : undefined;
    }
    case "histogram": {
      const { edges, counts } = value;
      const isWhole = isNumbers(edges) && isNumbers(counts);
      return isWhole ? { kind: "histogram", ...point, key, edges, counts } : undefined;
    }
    case "table": {
      const { columns, rows } = value;
      const isWhole = isTexts(columns) && Array.isArray(rows) && rows.every(isCells);
      return isWhole ? { kind: "table", ...point, key, columns, rows } : undefined;
    }
    case "prCurve": {
      const curve = parseCurve(value);
      return curve && { kind: "prCurve", ...point, key, ...curve };
    }
  }
  return undefined;
}

function parseCurve(value: Record<string, unknown>): PrCurvePoints | undefined {
  const { truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall } = value;
  if (!isNumbers(truePositives) || !isNumbers(falsePositives)) return undefined;
  if (!isNumbers(trueNegatives) || !isNumbers(falseNegatives)) return undefined;
  if (!isNumbers(precision) || !isNumbers(recall)) return undefined;
  return { truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall };
}

function parseMetrics(value: unknown): Record<string, number> | undefined {
  if (!isRecord(value)) return undefined;
  const metrics: [string, number][] = [];
  for (const [key, entry] of Object.entries(value)) {
    const number = numberFromJson(entry);
    if (number === undefined) return undefined;
    metrics.push([key, number]);
  }
  return Object.fromEntries(metrics);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function isCells(value: unknown): value is TableCell[] {
  const isCell = (cell: unknown): boolean =>
    cell === null || ["string", "number", "boolean"].includes(typeof cell);
  return Array.isArray(value) && value.every(isCell);
}

function isImageFile(value: unknown): value is ImageFile {
  return (
    isRecord(value) &&
    typeof value["file"] === "string" &&
    typeof value["width"] === "number" &&
    typeof value["height"] === "number" &&
    typeof value["sha256"] === "string"
  );
}
