import type { Logger } from "../logger.ts";
import { readImages, type RunRecord } from "../metricsFile.ts";

/**
 * Logs again what a record of a run holds; of its pictures those whose files are there.
 *
 * @param folder the run's
 */
export function logRecord(
  logger: Omit<Logger, "logRow">,
  record: RunRecord,
  folder: string,
): void | Promise<void> {
  const { step, epoch, wallTimeSeconds } = record;
  const point = { step, epoch, wallTimeSeconds };
  switch (record.kind) {
    case "metrics":
      return logger.logMetrics(record.metrics, point);
    case "images":
      return logger.logImages(record.key, readImages(folder, record), point);
    case "histogram":
      return logger.logHistogram(record.key, record, point);
    case "text":
      return logger.logText(record.key, record.text, point);
    case "table":
      return logger.logTable(record.key, record, point);
    case "prCurve":
      return logger.logPrCurve(record.key, record, point);
  }
}
