import path from "node:path";

import { CsvTable, type CsvRow } from "../csvTable.ts";
import type { Logger } from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";
import { silentLogger } from "./silentLogger.ts";

export interface CsvOptions {
  /** The run's folder, which gets `metrics.csv`. */
  folder: string;
  /** What was logged up to the step that the run goes on from. */
  records?: readonly RunRecord[];
  /** Seconds since 1970. */
  clock?: () => number;
}

/** Rows with new columns wait so long for others, since the file is written anew for them. */
const longestWaitSeconds = 1;

/**
 * Writes scalars to `metrics.csv`: a row for each time that some are logged, with `step`, `epoch` and
 * `wallTimeSeconds`, and a column for each metric; a metric that comes later is a new last column,
 * empty in earlier rows. NaN and infinities are words.
 */
export function csvLogger({
  folder,
  records = [],
  clock = () => Date.now() / 1000,
}: CsvOptions): Logger {
  const table = new CsvTable(
    path.join(folder, "metrics.csv"),
    records.filter((record) => record.kind === "metrics"),
  );
  let waiting: CsvRow[] = [];
  let waitingSince = 0;

  function writeWaiting(): void {
    if (waiting.length > 0) table.append(waiting);
    waiting = [];
  }

  return {
    ...silentLogger, // a table of numbers has room for nothing else
    name: "csv",
    logMetrics(metrics, point) {
      const row = { ...point, metrics };
      if (waiting.length === 0) waitingSince = clock();
      waiting.push(row);
      const isOver = Math.abs(clock() - waitingSince) >= longestWaitSeconds;
      if (isOver || (waiting.length === 1 && table.hasColumns(row))) writeWaiting();
    },
    flush() {
      writeWaiting();
      table.sync();
    },
    finalize() {
      writeWaiting();
      table.close();
    },
  };
}
