import { createHash } from "node:crypto";
import { copyFileSync, existsSync, statSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic, writeFileAtomic } from "../../base/atomicFile.ts";
import { AppendFile } from "../appendFile.ts";
import { checkTable } from "../checkTable.ts";
import { histogramBins } from "../histogram.ts";
import type { LoggedImage, RowLogger } from "../logger.ts";
import { mediaName } from "../mediaName.ts";
import { formatRecord, metricsFileName, readRecordLines, type ImageFile } from "../metricsFile.ts";
import { MetricsLines } from "../metricsLines.ts";
import { metricsRow } from "../metricsRow.ts";
import { prCurvePoints } from "../prCurve.ts";

export interface JsonLinesOptions {
  /** The run's folder: records go to `metrics.jsonl`, pictures to `media/`. */
  folder: string;
  /**
   * Last step of the checkpoint that the run continues from. Records of later steps came from a
   * process that died; they are moved aside, and so is every record when this is absent.
   */
  resumeStep?: number;
}

/**
 * The run's own and complete record: one JSON object a line, float64 to the last bit. A line is
 * with the system as soon as it is logged, and on the disk after `flush`.
 */
export function jsonLinesLogger({ folder, resumeStep = -1 }: JsonLinesOptions): RowLogger {
  const file = path.join(folder, metricsFileName);
  keepRecordsUpTo(file, resumeStep);
  const log = new AppendFile(file);
  const lines = new MetricsLines();
  return {
    name: "jsonLines",
    logHyperparameters() {}, // they are in the run's spec.yaml
    logMetrics(metrics, point) {
      log.append(lines.encode([metricsRow(metrics, point)]));
    },
    logRows(rows) {
      log.append(lines.encode(rows));
    },
    logImages(key, images, point) {
      const files = images.map((image, i) => storeImage(folder, key, point.step, i, image));
      log.append(formatRecord({ kind: "images", ...point, key, images: files }));
    },
    logHistogram(key, histogram, point) {
      log.append(formatRecord({ kind: "histogram", ...point, key, ...histogramBins(histogram) }));
    },
    logText(key, text, point) {
      log.append(formatRecord({ kind: "text", ...point, key, text }));
    },
    logTable(key, table, point) {
      checkTable(table);
      log.append(formatRecord({ kind: "table", ...point, key, ...table }));
    },
    logPrCurve(key, curve, point) {
      log.append(formatRecord({ kind: "prCurve", ...point, key, ...prCurvePoints(curve) }));
    },
    logArtifact() {}, // they are in the run's manifest.json
    flush() {
      log.sync();
    },
    finalize() {
      log.close();
    },
  };
}

/**
 * Drops records after a step, and a torn last line, from a metrics file. The file as it was stays
 * beside it as `metrics.<n>.jsonl.bak`.
 */
function keepRecordsUpTo(file: string, step: number): void {
  if (!existsSync(file)) return;
  let keptBytes = 0;
  for (const line of linesUpTo(file, step)) keptBytes += line.length;
  if (keptBytes === statSync(file).size) return;
  copyFileSync(file, backupName(file));
  writeChunksAtomic(file, linesUpTo(file, step));
}

function* linesUpTo(file: string, step: number): Generator<Uint8Array> {
  for (const { line, record } of readRecordLines(file)) {
    if (record.step <= step) yield Buffer.from(line);
  }
}

function backupName(file: string): string {
  const stem = file.slice(0, -path.extname(file).length);
  for (let n = 1; ; n++) {
    const name = `${stem}.${n}.jsonl.bak`;
    if (!existsSync(name)) return name;
  }
}

function storeImage(
  folder: string,
  key: string,
  step: number,
  index: number,
  image: LoggedImage,
): ImageFile {
  const { png, width, height, caption } = image;
  const name = `${mediaName(key)}_${String(step).padStart(8, "0")}_${index}.png`;
  writeFileAtomic(path.join(folder, "media", ...name.split("/")), png);
  const sha256 = createHash("sha256").update(png).digest("hex");
  const file = { file: `media/${name}`, width, height, sha256 };
  return caption === undefined ? file : { ...file, caption };
}
