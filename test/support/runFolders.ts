import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { stringify } from "yaml";

import { formatRecord, type RunRecord } from "../../framework/tracking/metricsFile.ts";

export interface RunFolder {
  /** Overrides of the manifest. */
  manifest?: object;
  spec?: object;
  /** Of step and metrics; NaN and infinities are legal. */
  points?: readonly (readonly [step: number, metrics: Readonly<Record<string, number>>])[];
}

/** When the runs of `writeRun` start. */
export const runStart = "2026-01-01T00:00:00.000Z";

/** Makes a folder as a run of an hour leaves it, which logs once a minute. */
export function writeRun(
  folder: string,
  { manifest = {}, spec = {}, points = [] }: RunFolder = {},
): void {
  mkdirSync(folder, { recursive: true });
  const whole = {
    formatVersion: 1,
    id: path.basename(folder),
    name: path.basename(path.dirname(folder)),
    status: "finished",
    seed: 1,
    specSha256: "0".repeat(64),
    command: ["seedbed", "run"],
    startedAt: runStart,
    heartbeatAt: "2026-01-01T01:00:00.000Z",
    endedAt: "2026-01-01T01:00:00.000Z",
    versions: {},
    host: {},
    summary: {},
    data: {},
    resumes: [],
    ...manifest,
  };
  writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(whole));
  writeFileSync(path.join(folder, "spec.yaml"), stringify(spec));
  writeFileSync(path.join(folder, "metrics.jsonl"), points.map(metricLine).join(""));
}

/** A line of `metrics.jsonl`, a minute after the one of the step before. */
export function metricLine([step, metrics]: readonly [
  step: number,
  metrics: Readonly<Record<string, number>>,
]): string {
  const wallTimeSeconds = Date.parse(runStart) / 1000 + 60 * step;
  const record: RunRecord = { kind: "metrics", step, epoch: step / 10, wallTimeSeconds, metrics };
  return formatRecord(record);
}
