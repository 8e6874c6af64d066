import { rmSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { AppendFile } from "../../tracking/appendFile.ts";
import { histogramBins } from "../../tracking/histogram.ts";
import type { LogPoint } from "../../tracking/logger.ts";
import { mediaPath } from "../../tracking/mediaPath.ts";
import {
  formatRecord,
  metricsFileName,
  type ImageFile,
  type RunRecord,
} from "../../tracking/metricsFile.ts";
import { examine } from "../media/foreignMedia.ts";
import { readBytes } from "../media/readBytes.ts";
import type { MediaContent } from "../media/runMedia.ts";
import { numbersOf } from "../numbersOf.ts";
import type {
  ForeignMedia,
  ForeignMoment,
  ForeignPicture,
  ForeignPictures,
  ForeignRun,
} from "./foreignRun.ts";
import type { ImportProblems } from "./importProblems.ts";

export interface CopyRecordsOptions {
  /** Of the run, seconds since 1970: the time of what does not say its own. */
  readonly startSeconds: number;
  readonly problems: ImportProblems;
}

/**
 * Writes what a run has logged to `metrics.jsonl`, and its pictures to `media/`. Scalars of one step
 * that came one after another are one line.
 */
export function copyRecords(folder: string, run: ForeignRun, options: CopyRecordsOptions): void {
  const file = path.join(folder, metricsFileName);
  rmSync(file, { force: true }); // of an import that did not come to its end
  const log = new AppendFile(file);
  const copy = new RecordCopy(folder, log, options);
  run.readPoints({
    point: (step, epoch, time, metrics) => copy.point(step, epoch, time, metrics),
    media: (item) => copy.media(item),
    leftOut: (problem) => options.problems.add(problem),
  });
  copy.end();
  log.close();
}

class RecordCopy {
  readonly #folder: string;
  readonly #log: AppendFile;
  readonly #options: CopyRecordsOptions;
  readonly #names = new Set<string>();
  #open: (LogPoint & { metrics: Map<string, number> }) | undefined;

  constructor(folder: string, log: AppendFile, options: CopyRecordsOptions) {
    this.#folder = folder;
    this.#log = log;
    this.#options = options;
  }

  point(
    step: number,
    epoch: number,
    time: number,
    values: Readonly<Record<string, unknown>>,
  ): void {
    const metrics = numbersOf(values);
    const isNew =
      this.#open?.step !== step || metrics.some(([name]) => this.#open?.metrics.has(name));
    if (isNew) {
      this.end();
      this.#open = { ...this.#at({ step, epoch, time }), metrics: new Map(metrics) };
    } else for (const [name, value] of metrics) this.#open?.metrics.set(name, value);
  }

  media(item: ForeignMedia): void {
    this.end();
    try {
      const at = this.#at(item);
      if (item.kind !== "images") this.#write({ ...at, key: item.key, ...checked(item.read()) });
      else this.#write({ kind: "images", ...at, key: item.key, images: this.#pictures(item) });
    } catch (error) {
      if (!(error instanceof InputError) && !(error instanceof RangeError)) throw error;
      this.#options.problems.add(`${item.key} at step ${item.step} is left out: ${error.message}`);
    }
  }

  /** Writes scalars that are waiting for more of their step. */
  end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) this.#write({ ...open, kind: "metrics", metrics: Object.fromEntries(open.metrics) });
  }

  #at({ step, epoch, time }: { step: number; epoch: number; time: number }): LogPoint {
    return {
      step,
      epoch,
      wallTimeSeconds: Number.isFinite(time) ? time : this.#options.startSeconds,
    };
  }

  #write(record: RunRecord): void {
    this.#log.append(formatRecord(record));
  }

  #pictures(item: ForeignMoment & ForeignPictures): ImageFile[] {
    const { key, step } = item;
    return item.pictures().flatMap((picture, i) => {
      const { place, sha256, problem } = examine(picture);
      if (problem !== undefined) this.#options.problems.add(problem);
      if (!place || sha256 === undefined) return [];
      const file = this.#nameFor(`${key}_${String(step).padStart(8, "0")}_${i}`, picture);
      writeChunksAtomic(path.join(this.#folder, ...file.split("/")), readBytes(place));
      const { width, height, caption } = picture;
      return [{ file, width, height, sha256, ...(caption !== undefined && { caption }) }];
    });
  }

  /** A name that no other picture has, also where letters' case is one. */
  #nameFor(wanted: string, { id }: ForeignPicture): string {
    const parts = mediaPath(wanted).split("/");
    const stem = ["media", ...parts.map((part) => part.slice(-longestName))].join("/");
    for (let n = 1; ; n++) {
      const name = `${stem}${n === 1 ? "" : `-${n}`}${path.extname(id)}`;
      if (this.#names.has(name.toLowerCase())) continue;
      this.#names.add(name.toLowerCase());
      return name;
    }
  }
}

/** Characters of a file's name, of 255 bytes that file systems allow. */
const longestName = 60;

/** @throws {RangeError} when a histogram is none */
function checked(content: MediaContent): MediaContent {
  if (content.kind === "histogram") return { kind: "histogram", ...histogramBins(content) };
  if (content.kind !== "prCurve") return content;
  const { precision, recall } = content; // undefined where nothing is found: 0 in our records
  return { ...content, precision: precision.map(zeroForNaN), recall: recall.map(zeroForNaN) };
}

const zeroForNaN = (value: number): number => (Number.isNaN(value) ? 0 : value);
