import type { HistogramBins, LoggedTable, PrCurvePoints } from "../../tracking/logger.ts";

export const mediaKinds = ["images", "text", "histogram", "table", "prCurve"] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** What a record of `metrics.jsonl` says, but for step and key; pictures are no part of it. */
export type MediaContent =
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "histogram" } & HistogramBins)
  | ({ readonly kind: "table" } & LoggedTable)
  | ({ readonly kind: "prCurve" } & PrCurvePoints);

/** What was logged under one key, by growing step. */
export interface MediaSeries {
  readonly kind: MediaKind;
  readonly key: string;
  readonly steps: readonly number[];
}

/**
 * A record of `metrics.jsonl`, of which nothing has been checked. Pictures have an `id`, by which
 * `RunMedia.picture` knows them, and a `problem` where they cannot be shown as they were logged.
 */
export type MediaRecord = Readonly<Record<string, unknown>>;

/** Where bytes lie: part of a file, or all of it. */
export interface BytePlace {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What a run has logged besides scalars. Contents stay in its files. */
export interface RunMedia {
  /** Reads what has come since the last look. */
  look(): this;
  list(): MediaSeries[];
  /** The record at the last step up to `step`. */
  recordAt(kind: MediaKind, key: string, step: number): MediaRecord | undefined;
  /** All records of a key, at most `limit`, spread evenly over the steps. */
  records(kind: MediaKind, key: string, limit: number): MediaRecord[];
  /**
   * @returns undefined when the run has no such picture
   *
   * @throws {InputError} when it lies outside the run's folder
   */
  picture(id: string): BytePlace | undefined;
}

/** Of a run's console. */
export interface RunConsole {
  look(): this;
  answer(query: ConsoleQuery): ConsoleAnswer;
}

export interface ConsoleQuery {
  /** Number of the first line that is wanted, from 0. */
  readonly after: number;
  readonly limit: number;
  /** Only lines with this text, in whatever case; "" for all. */
  readonly search: string;
}

export interface ConsoleAnswer {
  total: number;
  lines: { number: number; time: number; stream: "stdout" | "stderr"; text: string }[];
}

/** Values of one system metric. */
export interface TimedValues {
  /** Seconds since 1970. */
  readonly times: number[];
  readonly values: number[];
}

/** What a run's machine was doing, as curves. */
export interface RunSystem {
  look(): this;
  names(): string[];
  values(name: string): TimedValues;
}
