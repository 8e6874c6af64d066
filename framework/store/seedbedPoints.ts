import path from "node:path";

import { metricsFileName } from "../tracking/metricsFile.ts";
import { isFileCursor, readAppendedLines } from "./appendedLines.ts";
import { parseMetricLine } from "./metricLine.ts";
import type { PointReader } from "./pointReader.ts";

/** Scalars of `metrics.jsonl`. */
export const seedbedPoints: PointReader = (folder, cursor, listener) => {
  if (cursor !== undefined && !isFileCursor(cursor)) listener.restart();
  return readAppendedLines(
    path.join(folder, metricsFileName),
    isFileCursor(cursor) ? cursor : undefined,
    {
      restart: () => listener.restart(),
      line(text) {
        const line = parseMetricLine(text);
        if (line?.metrics) listener.point(line.step, line.epoch, line.time, line.metrics);
      },
    },
  );
};
