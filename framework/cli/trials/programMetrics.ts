import { readdirSync, readFileSync, statSync, type Dirent } from "node:fs";
import path from "node:path";

import { parseJson } from "../../base/json.ts";
import type { ForeignFormat } from "../../store/foreign/foreignRun.ts";
import { tensorBoardFormat } from "../../store/foreign/tensorBoardFormat.ts";
import { wandbFormat } from "../../store/foreign/wandbFormat.ts";
import { numberFromJson } from "../../tracking/jsonNumber.ts";
import type { LogPoint } from "../../tracking/logger.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { RunSummary } from "../../tracking/runOutcome.ts";

/** Numbers of one moment. */
export interface ProgramPoint extends LogPoint {
  readonly metrics: Readonly<Record<string, number>>;
}

/** Something that a program leaves numbers in. */
interface Source {
  /** Numbers that have come since the last call. */
  read(): ProgramPoint[];
  summary(): RunSummary;
}

/**
 * The numbers that a program leaves in its folder: lines of JSON in `metrics.jsonl`, else W&B's
 * offline runs, else TensorBoard's event files. The first of these that has one is followed. What an
 * earlier process has left there is passed over.
 */
export class ProgramMetrics {
  readonly #sources: readonly Source[];
  #used: Source | undefined;

  /** @param startSeconds when the program is started, since 1970 */
  constructor(folder: string, startSeconds: number) {
    this.#sources = [
      jsonLines(path.join(folder, "metrics.jsonl")),
      foreignFolders(folder, { format: wandbFormat, isOne: isWandbRun, startSeconds }),
      foreignFolders(folder, { format: tensorBoardFormat, isOne: hasEvents, startSeconds }),
    ];
  }

  /** Numbers that have come since the last call, in order. */
  read(): ProgramPoint[] {
    if (this.#used) return this.#used.read();
    for (const source of this.#sources) {
      const points = source.read();
      if (points.length === 0) continue;
      this.#used = source;
      return points;
    }
    return [];
  }

  /** What the program itself sums up. */
  summary(): RunSummary {
    const used = this.#used ?? this.#sources.find((source) => hasKeys(source.summary()));
    return used?.summary() ?? {};
  }
}

const hasKeys = (value: object): boolean => Object.keys(value).length > 0;

/** Numbers at any depth, `step` or `_step`, `epoch`; without a step lines are counted. */
function jsonLines(file: string): Source {
  let position = sizeOf(file);
  let line = 0;
  return {
    read() {
      if (sizeOf(file) <= position) return [];
      const text = readFileSync(file).subarray(position).toString("utf8");
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      position += Buffer.byteLength(whole);
      return whole
        .split("\n")
        .slice(0, -1)
        .flatMap((each) => jsonPoint(each, line++) ?? []);
    },
    summary: () => ({}),
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function jsonPoint(line: string, index: number): ProgramPoint | undefined {
  const value = parseJson(line);
  if (!isRecord(value)) return undefined;
  const { step = value["_step"], _step: _, epoch, ...rest } = value;
  const numbers = new Map<string, number>();
  addNumbers(numbers, "", rest);
  if (numbers.size === 0) return undefined;
  return {
    step: typeof step === "number" && Number.isSafeInteger(step) ? step : index,
    epoch: typeof epoch === "number" ? epoch : 0,
    wallTimeSeconds: Date.now() / 1000,
    metrics: Object.fromEntries(numbers),
  };
}

function addNumbers(numbers: Map<string, number>, name: string, value: unknown): void {
  const number = isRecord(value) ? undefined : numberFromJson(value);
  if (number !== undefined) numbers.set(name, number);
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    addNumbers(numbers, name === "" ? key : `${name}.${key}`, inner);
  }
}

interface ForeignOptions {
  readonly format: ForeignFormat;
  readonly isOne: (folder: string) => boolean;
  readonly startSeconds: number;
}

/** All folders of a format below one. */
function foreignFolders(root: string, { format, isOne, startSeconds }: ForeignOptions): Source {
  const stamps = new Map<string, string>();
  const counts = new Map<string, number>();
  let summary: RunSummary = {};
  const readFolder = (folder: string): ProgramPoint[] => {
    const points: ProgramPoint[] = [];
    const run = format.read(folder);
    run.readPoints({
      point(step, epoch, wallTimeSeconds, metrics) {
        if (wallTimeSeconds < startSeconds) return;
        const numbers = numbersOf(metrics);
        if (!hasKeys(numbers)) return;
        points.push({
          step,
          epoch: Number.isNaN(epoch) ? 0 : epoch,
          wallTimeSeconds,
          metrics: numbers,
        });
      },
    });
    const fresh = points.slice(counts.get(folder) ?? 0);
    counts.set(folder, points.length);
    summary = { ...summary, ...numbersOf(run.summary) };
    return fresh;
  };
  return {
    read() {
      return foldersBelow(root)
        .filter(isOne)
        .flatMap((folder) =>
          quietly(() => {
            const stamp = format.stamp(folder);
            if (stamp === stamps.get(folder)) return [];
            stamps.set(folder, stamp);
            return readFolder(folder);
          }),
        );
    },
    summary: () => summary,
  };
}

/** A file that is being written may end anywhere: what is missing now comes with the next call. */
function quietly(read: () => ProgramPoint[]): ProgramPoint[] {
  try {
    return read();
  } catch {
    return [];
  }
}

function numbersOf(values: Readonly<Record<string, unknown>>): Record<string, number> {
  const numbers = new Map<string, number>();
  addNumbers(numbers, "", values);
  return Object.fromEntries(numbers);
}

function foldersBelow(folder: string): string[] {
  const inner = entriesOf(folder).filter((each) => each.isDirectory());
  return [folder, ...inner.flatMap(({ name }) => foldersBelow(path.join(folder, name)))];
}

/** None where there is no such folder, or none any more: the program may remove it at any time. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

const isWandbRun = (folder: string): boolean => /^(offline-)?run-/.test(path.basename(folder));

const hasEvents = (folder: string): boolean =>
  entriesOf(folder).some(({ name }) => name.includes("tfevents"));
