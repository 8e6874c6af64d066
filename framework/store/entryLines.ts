import { createHash } from "node:crypto";

import { nonFiniteWord, numberFromJson } from "../tracking/jsonNumber.ts";
import { isRecord } from "../tracking/parameters.ts";
import type { Cell, IndexedRun, MetricSummary } from "./indexedRun.ts";
import type { StoredEntry } from "./runReader.ts";

/** Names of settings or metrics that many runs share, in order. */
type Shape = readonly string[];

/** Entries as lines of JSON. Names stand once for all runs that have the same. */
export class EntryWriter {
  readonly #shapes: Set<string>;

  /** @param shapes that the file has already, by their hash */
  constructor(shapes: ReadonlyMap<string, Shape> = new Map()) {
    this.#shapes = new Set(shapes.keys());
  }

  lines({ folder, source, entry }: StoredEntry): string[] {
    const { config, metrics, summary, folder: _, ...words } = entry.run;
    const lines: string[] = [];
    const packed = {
      folder,
      source,
      isAlive: entry.isAlive,
      state: entry.state,
      words,
      config: [this.#shapeOf(config, lines), ...Object.values(config).map(packCell)],
      metrics: [this.#shapeOf(metrics, lines), ...Object.values(metrics).flatMap(packSummary)],
      summary: [this.#shapeOf(summary, lines), ...Object.values(summary).map(packCell)],
    };
    return [...lines, JSON.stringify(packed)];
  }

  /** Writes names down that no other run has had. */
  #shapeOf(record: Readonly<Record<string, unknown>>, lines: string[]): string {
    const names = Object.keys(record);
    const shape = createHash("sha1").update(JSON.stringify(names)).digest("base64").slice(0, 12);
    if (!this.#shapes.has(shape)) {
      this.#shapes.add(shape);
      lines.push(JSON.stringify({ shape, names }));
    }
    return shape;
  }
}

/** Inverse of `EntryWriter`. */
export class EntryReader {
  readonly shapes: Map<string, Shape> = new Map();

  /** Undefined for a line that is no entry's, or is damaged. */
  read(line: string): StoredEntry | undefined {
    const value = line === "" ? undefined : parseJson(line);
    if (!isRecord(value)) return undefined;
    const { shape, names, folder, source, isAlive, state, words } = value;
    if (typeof shape === "string" && Array.isArray(names)) this.shapes.set(shape, names);
    if (typeof folder !== "string" || !isSource(source) || !isWords(words)) return undefined;
    const config = this.#unpack(value["config"], 1, unpackCell);
    const metrics = this.#unpack(value["metrics"], summaryNumbers, unpackSummary);
    const summary = this.#unpack(value["summary"], 1, unpackCell);
    if (!config || !metrics || !summary) return undefined;
    const run = { ...words, folder, config, metrics, summary };
    return { folder, source, entry: { run, isAlive: isAlive === true, state } };
  }

  /** @param width values of each name */
  #unpack<T>(
    packed: unknown,
    width: number,
    unpack: (values: readonly unknown[], at: number) => T,
  ): Record<string, T> | undefined {
    if (!Array.isArray(packed)) return undefined;
    const names = this.shapes.get(String(packed[0]));
    if (names === undefined || names.length * width !== packed.length - 1) return undefined;
    const record: Record<string, T> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name === "__proto__") return undefined; // rare, and read anew
      record[name] = unpack(packed, 1 + i * width);
    }
    return record;
  }
}

type Words = Omit<IndexedRun, "key" | "folder" | "config" | "metrics" | "summary">;

function isSource(value: unknown): value is IndexedRun["source"] {
  return ["seedbed", "tensorboard", "wandb", "mlflow"].some((source) => source === value);
}

function isWords(value: unknown): value is Words {
  if (!isRecord(value)) return false;
  const texts = ["id", "name", "status", "startedAt", "heartbeatAt", "group", "notes"];
  return (
    texts.every((key) => typeof value[key] === "string") &&
    typeof value["durationSeconds"] === "number" &&
    typeof value["step"] === "number" &&
    Array.isArray(value["tags"]) &&
    Array.isArray(value["problems"])
  );
}

/** JSON has no NaN and no infinity: they become a list of their word. */
function packCell(cell: Cell): unknown {
  const word = typeof cell === "number" ? nonFiniteWord(cell) : undefined;
  return word === undefined ? cell : [word];
}

function unpackCell(values: readonly unknown[], at: number): Cell {
  const value = values[at];
  if (Array.isArray(value)) return numberFromJson(value[0]) ?? null;
  const isCell =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isCell ? value : null;
}

const summaryNumbers = 7;

function packSummary(summary: MetricSummary): unknown[] {
  const { last, lastStep, min, minStep, max, maxStep, count } = summary;
  return [last, lastStep, min, minStep, max, maxStep, count].map(packNumber);
}

const packNumber = (value: number): unknown => nonFiniteWord(value) ?? value;

function unpackSummary(values: readonly unknown[], at: number): MetricSummary {
  return {
    last: unpackNumber(values[at]),
    lastStep: unpackNumber(values[at + 1]),
    min: unpackNumber(values[at + 2]),
    minStep: unpackNumber(values[at + 3]),
    max: unpackNumber(values[at + 4]),
    maxStep: unpackNumber(values[at + 5]),
    count: unpackNumber(values[at + 6]),
  };
}

const unpackNumber = (value: unknown): number => numberFromJson(value) ?? NaN;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
