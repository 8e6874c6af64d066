import {
  columnFileIn,
  openColumnFile,
  StaleColumnsError,
  saveColumns,
  type StoredCurves,
} from "./columnFile.ts";
import type { Curve, CurveAxis } from "./curve.ts";
import type { IndexedRun } from "./indexedRun.ts";
import type { Line } from "./line.ts";
import { pointReaders } from "./pointReaders.ts";
import { RunCurves } from "./runCurves.ts";

export interface SeriesOptions {
  /** Where columns of long logs are kept; null: nowhere, logs are read again. */
  readonly cacheFolder: string | null;
  /** Memory for curves, in bytes; what was used longest ago is dropped first. */
  readonly maxBytes?: number;
}

/** Whose curves are meant. */
export type SeriesRun = Pick<IndexedRun, "folder" | "source">;

interface Held {
  readonly curves: RunCurves;
  readonly cursor: unknown;
  /** When it was counted last. */
  readonly bytes: number;
  readonly points: number;
  /** Points that the file of columns has. */
  readonly savedPoints: number;
}

/** Points from which a file of columns is worth while: some 10 ms of reading the log. */
const longPoints = 20_000;

/** Curves of runs, read when they are asked for, and read on when runs go on. */
export class Series {
  readonly #cacheFolder: string | null;
  readonly #maxBytes: number;
  /** By folder; the one used last is the last. */
  readonly #held = new Map<string, Held>();
  #inUse = "";
  #bytes = 0;

  constructor({ cacheFolder, maxBytes = 128 * 2 ** 20 }: SeriesOptions) {
    this.#cacheFolder = cacheFolder;
    this.#maxBytes = maxBytes;
  }

  /** Memory taken by curves, but for the run that was used last. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Names of metrics, in the order in which they came. */
  names(run: SeriesRun): string[] {
    return [...this.#read(run).metrics.keys()];
  }

  /** Undefined for a metric that the run has not logged. */
  curve(run: SeriesRun, metric: string): Curve | undefined {
    return this.#use(run, (curves) => {
      const curve = curves.curve(metric);
      curve?.values.all();
      return curve;
    });
  }

  /** A metric over one of its axes, in order; undefined for one that the run has not logged. */
  line(run: SeriesRun, metric: string, axis: CurveAxis): Line | undefined {
    return this.#use(run, (curves) => {
      const line = curves.curve(metric)?.over(axis);
      line?.values.all();
      return line;
    });
  }

  /** What `draw` makes of a line, of whose values it reads only what it asks for. */
  draw<T>(run: SeriesRun, metric: string, axis: CurveAxis, draw: (line: Line) => T): T | undefined {
    return this.#use(run, (curves) => {
      const line = curves.curve(metric)?.over(axis);
      return line && draw(line);
    });
  }

  /** A metric's value at the last step up to one. */
  at(run: SeriesRun, metric: string, step: number): number | undefined {
    return this.#use(run, (curves) => curves.curve(metric)?.at(step));
  }

  /** Another process may replace a file of columns at any time: then the log is read. */
  #use<T>(run: SeriesRun, use: (curves: RunCurves) => T): T {
    try {
      return use(this.#read(run));
    } catch (error) {
      if (!(error instanceof StaleColumnsError)) throw error;
      this.#drop(run.folder);
      return use(this.#read(run, false));
    }
  }

  #read(run: SeriesRun, mayOpen = true): RunCurves {
    const key = run.folder;
    const known = this.#held.get(key);
    if (key !== this.#inUse) this.#makeRoom(key);
    const earlier = known ?? (mayOpen ? this.#open(key) : undefined);
    const curves = earlier?.curves ?? new RunCurves();
    const cursor = pointReaders[run.source](run.folder, earlier?.cursor, curves);
    if (known && cursor === known.cursor) return curves;
    const points = pointsOf(curves);
    const savedPoints = this.#save(key, { curves, cursor }, points, earlier?.savedPoints ?? 0);
    this.#held.set(key, { curves, cursor, bytes: known?.bytes ?? 0, points, savedPoints });
    return curves;
  }

  #open(folder: string): Omit<Held, "bytes"> | undefined {
    if (this.#cacheFolder === null) return undefined;
    const stored = openColumnFile(columnFileIn(this.#cacheFolder, folder), folder);
    if (!stored) return undefined;
    const points = pointsOf(stored.curves);
    return { ...stored, points, savedPoints: points };
  }

  /** Writes columns when there are a quarter more of them. @returns how many the file has */
  #save(folder: string, stored: StoredCurves, points: number, savedPoints: number): number {
    const isDue = Math.abs(points - savedPoints) >= Math.max(longPoints, points / 5);
    if (this.#cacheFolder === null || !isDue) return savedPoints;
    saveColumns(this.#cacheFolder, folder, stored);
    return points;
  }

  /** Counts what was used last, and drops what was used longest ago. */
  #makeRoom(next: string): void {
    const last = this.#held.get(this.#inUse);
    if (last) {
      this.#drop(this.#inUse);
      const { bytes } = last.curves;
      this.#bytes += bytes;
      this.#held.set(this.#inUse, { ...last, bytes });
    }
    this.#inUse = next;
    for (const key of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      if (key !== next) this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#held.get(key)?.bytes ?? 0;
    this.#held.delete(key);
  }
}

function pointsOf({ metrics }: RunCurves): number {
  let points = 0;
  for (const { value } of metrics.values()) points += value.length;
  return points;
}
