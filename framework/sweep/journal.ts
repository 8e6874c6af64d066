import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";

import { InputError } from "../base/errors.ts";
import { AppendFile } from "../tracking/appendFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import type { RecordedPoint } from "./recordedPoint.ts";

/** How a trial's process, or the try to start it, ended. */
export type TrialOutcome = "finished" | "failed" | "interrupted" | "pruned" | "paused";

/**
 * What was decided on a trial that had paused: `promoted` goes on, `dropped` does not; of
 * population-based training, `kept` goes on as it is, `exploited` from another one's weights.
 */
export type StageDecision = "promoted" | "dropped" | "kept" | "exploited";

/** Taken once: a restart goes by it. */
export interface DecidedEvent {
  readonly event: "decided";
  readonly decision: StageDecision;
  /** Of the rung, or the generation, that has ended, from 0. */
  readonly rung: number;
  /** Optimizer steps of the trial. */
  readonly step: number;
  /** The value that was compared, its place and the others', in words. */
  readonly reason: string;
  /** Id of the trial whose weights are taken. */
  readonly from?: string;
  /** The values with which it goes on. */
  readonly point?: RecordedPoint;
}

/** Something that happened to a trial. */
export type JournalEvent = {
  /** Of the trial. */
  readonly id: string;
  /** Its number, from 1. */
  readonly trial: number;
  /** ISO 8601 in UTC. */
  readonly time: string;
  /** The process that has written it; absent in journals of earlier versions. */
  readonly worker?: string;
  /** Of the worker's runs, where workers have no folder in common. */
  readonly place?: string;
} & (
  | { readonly event: "started" }
  | {
      /** Somebody has put the trial's point into the sweep, in the place of its number. */
      readonly event: "added";
      /** Id of the sweep. */
      readonly sweep: string;
      readonly point: RecordedPoint;
    }
  | {
      /** A searcher that learns has chosen the trial's point, which is the next one. */
      readonly event: "suggested";
      /** Id of the sweep. */
      readonly sweep: string;
      readonly point: RecordedPoint;
    }
  | DecidedEvent
  | {
      readonly event: "ended";
      readonly outcome: TrialOutcome;
      /** Since it was started. */
      readonly seconds: number;
      /** Why, if it is not finished. */
      readonly reason?: string;
      /** Where it has paused. */
      readonly step?: number;
      /** The worker is going to try it again. */
      readonly again?: boolean;
    }
);

/**
 * What happened in a sweep, one line of JSON after another. Each is on the disk before the sweep
 * goes on.
 */
export class Journal {
  readonly #file: AppendFile;

  constructor(file: string) {
    this.#file = new AppendFile(file);
  }

  /** Takes away the part of a line that a killed process has left. @param bytes of whole lines */
  cutAt(bytes: number): void {
    const { file } = this.#file;
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > bytes) truncateSync(file, bytes);
  }

  append(event: JournalEvent): void {
    this.appendLines([JSON.stringify(event)]);
  }

  /** Appends events that are written already, without line ends. */
  appendLines(lines: readonly string[]): void {
    this.#file.append(lines.map((line) => `${line}\n`).join(""));
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * All events of a journal, in order; none where there is no file. A last line without its line end
 * is passed over.
 *
 * @throws {InputError} naming the line when any other line cannot be read
 */
export const readJournal = (file: string): JournalEvent[] => new JournalReader(file).read();

/** Reads a journal that grows. */
export class JournalReader {
  readonly #file: string;
  #bytes = 0;
  #lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** How long the lines are that were read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Events since the last call. @throws {InputError} as `readJournal` */
  read(): JournalEvent[] {
    const text = this.#readNew();
    const lines = text.split("\n").slice(0, -1);
    this.#bytes += Buffer.byteLength(lines.map((line) => `${line}\n`).join(""));
    return lines.map((line) => {
      this.#lines++;
      const value = parseLine(line);
      if (isEvent(value)) return value;
      throw new InputError(
        `Cannot read ${this.#file}:${this.#lines}: expected an event of a sweep, got ${JSON.stringify(line.slice(0, 60))}`,
      );
    });
  }

  #readNew(): string {
    const size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.#bytes) return "";
    const bytes = Buffer.alloc(size - this.#bytes);
    const handle = openSync(this.#file, "r");
    try {
      const length = readSync(handle, bytes, 0, bytes.length, this.#bytes);
      return bytes.toString("utf8", 0, length);
    } finally {
      closeSync(handle);
    }
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is JournalEvent {
  if (!isRecord(value)) return false;
  const { id, trial, time, event, outcome, seconds, sweep, point, decision, rung } = value;
  const isPlaced = typeof id === "string" && typeof trial === "number" && typeof time === "string";
  const hasEnded = typeof outcome === "string" && typeof seconds === "number";
  if (!isPlaced) return false;
  if (event === "suggested" || event === "added")
    return typeof sweep === "string" && isRecord(point);
  if (event === "decided") return typeof decision === "string" && typeof rung === "number";
  return event === "started" || (event === "ended" && hasEnded);
}
