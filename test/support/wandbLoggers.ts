import { readdirSync } from "node:fs";
import path from "node:path";

import type { Logger, LogPoint } from "../../framework/tracking/logger.ts";
import { wandbLogger, type WandbOptions } from "../../framework/tracking/loggers/wandb.ts";
import type { MetricsRecord } from "../../framework/tracking/metricsFile.ts";
import { temporaryFolder } from "./temporaryFolder.ts";
import { readWandbRecords, type ReadRecord } from "./wandbReader.ts";

/** What W&B is told of the run. */
export const info = {
  runId: "a1b2c3d4",
  project: "tests",
  config: { seed: 7, model: { width: 3 } },
  startTimeSeconds: 1000,
};

export const at = (step: number): LogPoint => ({ step, epoch: 0, wallTimeSeconds: 1000 + step });

export const metricsAt = (step: number): MetricsRecord => ({
  kind: "metrics",
  ...at(step),
  metrics: { loss: step },
});

/** W&B's loggers in a fresh folder for each test of the enclosing `describe`, and what they wrote. */
export function wandbLoggers(): {
  folder: ReturnType<typeof temporaryFolder>;
  open: (options?: Partial<WandbOptions>) => Logger;
  /** One for each process of the run, oldest first. */
  folders: () => string[];
} {
  const folder = temporaryFolder();
  return {
    folder,
    open: (options = {}) =>
      wandbLogger({
        folder: folder.path(),
        info,
        clock: () => 1234.5,
        environment: {},
        ...options,
      }),
    folders: () =>
      readdirSync(folder.path("wandb"))
        .map((name) => folder.path("wandb", name))
        .sort(),
  };
}

export const logOf = (run: string): string => path.join(run, `run-${info.runId}.wandb`);

export const recordsOf = (run: string): ReadRecord[] => readWandbRecords(logOf(run));

export const historyOf = (run: string): Record<string, string>[] =>
  recordsOf(run)
    .filter(({ kind }) => kind === "history")
    .map(({ items }) => items);

export const stepsOf = (run: string): number[] => historyOf(run).map(({ _step }) => Number(_step));
