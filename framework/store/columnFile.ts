import { createHash, randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic } from "../base/atomicFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { packSummary, summaryBytes, unpackSummary } from "./blockExtremes.ts";
import { GrowingArray } from "./growingArray.ts";
import { RunCurves, type AxisColumns, type MetricColumn } from "./runCurves.ts";
import { sharedArray } from "./sharedArrays.ts";

/** Columns that were read from a log, and how far. */
export interface StoredCurves {
  readonly curves: RunCurves;
  readonly cursor: unknown;
}

/** A file of columns was replaced or removed since it was opened. */
export class StaleColumnsError extends Error {
  override readonly name = "StaleColumnsError";
}

const magic = "SEEDCOL2";
const idBytes = 36;
const prefixBytes = 56;
const alignment = 8;

/**
 * Writes a run's columns so that each can be read by itself: 8 bytes that name the format, an id of
 * the content, the header's length, the header as JSON, then all numbers as they lie in memory. Each
 * metric's values are followed by the extremes of their blocks, and by the rows that have them.
 */
function writeColumnFile(file: string, folder: string, { curves, cursor }: StoredCurves): void {
  const { axes, metrics } = curves;
  const summaries = [...metrics.values()].map(({ value }) => packSummary(value.view()));
  const columns = [...metrics].map(([name, { value }], i) => {
    return [name, value.length, summaries[i]!.nonFinite];
  });
  const axisHashes = axesOf(axes).map((axis) => hashOf(bytesOf(axis.view())));
  const header = { folder, cursor, rows: axes.step.length, axisHashes, columns };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(magic, 0, "latin1");
  prefix.write(randomUUID(), magic.length, "latin1");
  prefix.writeUInt32LE(text.length, magic.length + idBytes);
  const packed = summaries.map(({ bytes }) => bytes);
  writeChunksAtomic(file, chunks(prefix, text, curves, packed));
}

function* chunks(
  prefix: Buffer,
  text: Buffer,
  { axes, metrics }: RunCurves,
  summaries: readonly Uint8Array[],
): Generator<Uint8Array> {
  yield prefix;
  yield text;
  yield filling(text);
  for (const axis of axesOf(axes)) yield bytesOf(axis.view());
  for (const [i, { row, value }] of [...metrics.values()].entries()) {
    for (const part of [bytesOf(value.view()), summaries[i]!, bytesOf(row.view())]) {
      yield part;
      yield filling(part);
    }
  }
}

/** What brings the next part to where it may begin. */
const filling = ({ length }: Uint8Array): Uint8Array => new Uint8Array(aligned(length) - length);

/** In the order in which they are stored. */
const axesOf = ({ step, epoch, time }: AxisColumns): GrowingArray<Float64Array>[] => [
  step,
  epoch,
  time,
];

const hashOf = (content: string | Uint8Array): string =>
  createHash("sha1").update(content).digest("hex");

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Where the columns of a run's folder are kept. */
export function columnFileIn(cacheFolder: string, folder: string): string {
  return path.join(cacheFolder, "columns", `${hashOf(folder)}.columns`);
}

/** Removes columns of runs that are not among these: they are gone. */
export function pruneColumns(cacheFolder: string, folders: Iterable<string>): void {
  const parent = path.join(cacheFolder, "columns");
  const names = existsSync(parent) ? readdirSync(parent) : [];
  if (names.length === 0) return;
  const kept = new Set([...folders].map((folder) => columnFileIn(cacheFolder, folder)));
  for (const name of names.filter((each) => each.endsWith(".columns"))) {
    const file = path.join(parent, name);
    if (!kept.has(file)) rmSync(file, { force: true });
  }
}

/** As `writeColumnFile`. Without the file the log is read again: a full disk does not matter. */
export function saveColumns(cacheFolder: string, folder: string, stored: StoredCurves): void {
  try {
    writeColumnFile(columnFileIn(cacheFolder, folder), folder, stored);
  } catch {
    // a full disk, or a folder that is not ours
  }
}

/** Undefined when there is no such file, or it is damaged or another run's. */
export function openColumnFile(file: string, folder: string): StoredCurves | undefined {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const prefix = read(handle, 0, prefixBytes);
    if (prefix.toString("latin1", 0, magic.length) !== magic) return undefined;
    const id = idOf(prefix);
    const length = prefix.readUInt32LE(magic.length + idBytes);
    const header = parseHeader(read(handle, prefixBytes, length).toString(), folder);
    if (!header) return undefined;
    const places = placeColumns(header, prefixBytes + aligned(length));
    return { curves: lazyCurves(file, id, header, places), cursor: header.cursor };
  } catch {
    return undefined;
  } finally {
    closeSync(handle);
  }
}

interface Header {
  readonly cursor: unknown;
  readonly rows: number;
  /** Of the content of each axis. */
  readonly axisHashes: readonly string[];
  readonly columns: readonly (readonly [name: string, count: number, nonFinite: number])[];
}

function parseHeader(text: string, folder: string): Header | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value["folder"] !== folder) return undefined;
  const { cursor, rows, axisHashes, columns } = value;
  const isHash = (each: unknown): each is string => typeof each === "string";
  const isColumn = (each: unknown): each is [string, number, number] =>
    Array.isArray(each) && typeof each[0] === "string" && each.slice(1).every(Number.isInteger);
  if (typeof rows !== "number" || !Array.isArray(columns) || !columns.every(isColumn))
    return undefined;
  if (!Array.isArray(axisHashes) || !axisHashes.every(isHash)) return undefined;
  return { cursor, rows, axisHashes, columns };
}

interface ColumnPlaces {
  /** Of step, epoch and time. */
  readonly axes: readonly number[];
  readonly metrics: readonly MetricPlace[];
}

interface MetricPlace {
  readonly name: string;
  readonly count: number;
  readonly nonFinite: number;
  readonly value: number;
  readonly summary: number;
  readonly row: number;
}

function placeColumns({ rows, columns }: Header, start: number): ColumnPlaces {
  let offset = start;
  const take = (bytes: number): number => {
    const place = offset;
    offset += aligned(bytes);
    return place;
  };
  const axes = [take(8 * rows), take(8 * rows), take(8 * rows)];
  const metrics = columns.map(([name, count, nonFinite]) => {
    const value = take(8 * count);
    const summary = take(summaryBytes(count));
    return { name, count, nonFinite, value, summary, row: take(4 * count) };
  });
  return { axes, metrics };
}

function lazyCurves(
  file: string,
  id: string,
  { rows, axisHashes }: Header,
  places: ColumnPlaces,
): RunCurves {
  const float64 = (place: number) => (from: number, count: number) =>
    new Float64Array(load(file, id, place + 8 * from, 8 * count));
  const uint32 = (place: number) => (from: number, count: number) =>
    new Uint32Array(load(file, id, place + 4 * from, 4 * count));
  const [step, epoch, time] = places.axes.map((place, i) => {
    const readAxis = (): Float64Array => float64(place)(0, rows);
    return GrowingArray.float64(rows, () => sharedArray(axisHashes[i]!, readAxis));
  });
  const metrics = new Map<string, MetricColumn>();
  for (const { name, count, nonFinite, value, summary, row } of places.metrics) {
    metrics.set(name, {
      row: GrowingArray.uint32(count, uint32(row)),
      value: GrowingArray.float64(count, float64(value)),
      readSummary: () =>
        unpackSummary(load(file, id, summary, summaryBytes(count)), count, nonFinite),
    });
  }
  return new RunCurves({ step: step!, epoch: epoch!, time: time! }, metrics);
}

/** @throws {StaleColumnsError} when the file is not any more the one that was opened */
function load(file: string, id: string, offset: number, bytes: number): ArrayBufferLike {
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    if (idOf(read(handle, 0, prefixBytes)) === id) {
      const content = Buffer.allocUnsafeSlow(bytes); // its memory is its own, and not cleared first
      if (readSync(handle, content, 0, bytes, offset) === bytes) return content.buffer;
    }
  } catch (cause) {
    throw new StaleColumnsError(`Cannot read ${file}`, { cause });
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  throw new StaleColumnsError(`Cannot read ${file}: it was replaced or cut off`);
}

const idOf = (prefix: Buffer): string =>
  prefix.toString("latin1", magic.length, magic.length + idBytes);

function read(handle: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (readSync(handle, buffer, 0, bytes, offset) === bytes) return buffer;
  throw new RangeError("Cannot read columns: the file is cut off");
}
