import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";

import { writeSweepRecord } from "../../../framework/sweep/sweepRecord.ts";
import { formatRecord } from "../../../framework/tracking/metricsFile.ts";
import { writeMedia } from "./writeMedia.ts";

export interface GeneratedRuns {
  /** Folder of all runs; they go to `<folder>/<name>/<id>/`. */
  readonly folder: string;
  readonly count: number;
  /** Names of experiments, among which the runs are shared out. Default: one sweep, `tuning`. */
  readonly names?: readonly string[];
  /** Points of each metric. Default: 20. */
  readonly points?: number;
  /** Metrics besides train/loss, train/accuracy and val/loss. Default: none. */
  readonly extraMetrics?: number;
  /** Runs, from the first, that have pictures, texts, histograms, tables, a log. Default: 0. */
  readonly withMedia?: number;
}

/** What of a run's settings decides its curves. */
interface Settings {
  readonly index: number;
  readonly name: string;
  readonly id: string;
  readonly learningRate: number;
  readonly optimizer: string;
  readonly width: number;
  readonly seed: number;
}

/** 2026-01-01, in seconds; each run starts an hour after the one before. */
const firstStart = Date.UTC(2026, 0, 1) / 1000;
const seeds = 3;

/**
 * Writes runs as Seedbed leaves them: a search over learning rate, optimizer and width with three
 * seeds for each point, whose losses fall as such losses do. The same arguments give the same files.
 */
export async function generateRuns(options: GeneratedRuns): Promise<void> {
  const { folder, count, names = ["tuning"], withMedia = 0 } = options;
  for (const name of names) recordSweep(folder, name);
  for (let index = 0; index < count; index++) {
    const settings = settingsOf(index, names);
    const runFolder = path.join(folder, settings.name, settings.id);
    mkdirSync(runFolder, { recursive: true });
    writeFileSync(path.join(runFolder, "spec.yaml"), specYaml(settings));
    writeFileSync(
      path.join(runFolder, "manifest.json"),
      JSON.stringify(manifestOf(settings), null, 2),
    );
    writeMetrics(path.join(runFolder, "metrics.jsonl"), settings, options);
    if (index < withMedia) await writeMedia(runFolder, firstStart + 3600 * index);
  }
}

function settingsOf(index: number, names: readonly string[]): Settings {
  const point = Math.floor(index / seeds);
  return {
    index,
    name: names[point % names.length]!,
    id: `r${index.toString(36).padStart(7, "0")}`,
    learningRate: Number((10 ** (-4 + 3 * noise("rate", point))).toPrecision(3)),
    optimizer: ["adam", "sgd", "lamb"][point % 3]!,
    width: [64, 128, 256][Math.floor(point / 3) % 3]!,
    seed: index % seeds,
  };
}

/** From 0 to 1, always the same for the same words. */
function noise(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const word of words.join(" ")) hash = Math.imul(hash ^ word.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const specYaml = ({ name, learningRate, optimizer, width, seed }: Settings): string =>
  `name: ${name}
experiment: generated
tags: []
trainer:
  backend: cpu
  maxSteps: 1000
optimizer:
  name: ${optimizer}
  learningRate: ${learningRate}
model:
  width: ${width}
  layers: [2, 2, 4]
seed: ${seed}
`;

function statusOf(index: number): string {
  return index % 40 === 39 ? "failed" : index % 40 === 38 ? "interrupted" : "finished";
}

function manifestOf(settings: Settings): object {
  const { index, id, name, seed, learningRate, optimizer, width } = settings;
  const time = (seconds: number): string => new Date(1000 * seconds).toISOString();
  const start = firstStart + 3600 * index;
  const status = statusOf(index);
  return {
    formatVersion: 1,
    id,
    name,
    status,
    seed,
    specSha256: createHash("sha256").update(specYaml(settings)).digest("hex"),
    command: ["seedbed", "sweep", `sweeps/${name}.yaml`],
    startedAt: time(start),
    endedAt: time(start + 1800),
    heartbeatAt: time(start + 1800),
    git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
    versions: { seedbed: "0.1.0", node: "20.20.2" },
    host: {
      name: "alpha",
      platform: "linux x64",
      cpu: "Generated",
      cores: 8,
      memoryBytes: 2 ** 34,
    },
    summary: status === "failed" ? { error: "the loss is NaN" } : { score: finalLoss(settings) },
    data: {},
    resumes: [],
    sweep: {
      id: sweepId(name),
      name,
      trial: index + 1,
      group: `g${Math.floor(index / seeds)}`,
      parameters: {
        "optimizer.name": optimizer,
        "optimizer.learningRate": learningRate,
        "model.width": width,
      },
    },
  };
}

const sweepId = (name: string): string =>
  `s${createHash("sha256").update(name).digest("hex").slice(0, 7)}`;

function recordSweep(folder: string, name: string): void {
  const rate = { kind: "numbers", low: 1e-4, high: 0.1, isLog: true } as const;
  mkdirSync(path.join(folder, name), { recursive: true });
  writeSweepRecord(path.join(folder, name), {
    id: sweepId(name),
    name,
    file: `sweeps/${name}.yaml`,
    metric: { name: "score", goal: "minimize" },
    metrics: [
      { name: "score", goal: "minimize" },
      { name: "train/accuracy", goal: "maximize" },
    ],
    parameters: [
      { name: "model.width", range: null },
      { name: "optimizer.learningRate", range: rate },
      { name: "optimizer.name", range: null },
    ],
  });
}

/** Least at a learning rate of 0.003, smaller for wider models. */
function finalLoss({ learningRate, width, seed }: Settings): number {
  return (
    0.1 + 0.3 * (Math.log10(learningRate) + 2.5) ** 2 + 10 / width + 0.02 * noise("final", seed)
  );
}

/** Lines that are put together before they are written. */
const linesTogether = 5000;

function writeMetrics(
  file: string,
  settings: Settings,
  { points = 20, extraMetrics = 0 }: GeneratedRuns,
): void {
  const handle = openSync(file, "w");
  const end = finalLoss(settings);
  let lines: string[] = [];
  for (let i = 1; i <= points; i++) {
    const step = i * 10;
    const loss = end + 2 * Math.exp((-6 * i) / points) + 0.1 * noise(settings.index, i);
    const metrics: Record<string, number> = { "train/loss": loss };
    metrics["train/accuracy"] = 1 - loss / 4;
    if (i % 10 === 0) metrics["val/loss"] = loss * 1.05;
    for (let k = 0; k < extraMetrics; k++) metrics[`layers/${k}/norm`] = loss * (k + 1);
    if (settings.index % 40 === 39 && i > points / 2) metrics["train/loss"] = NaN;
    lines.push(formatRecord({ kind: "metrics", ...pointOf(settings, step), metrics }));
    if (lines.length < linesTogether && i < points) continue;
    writeSync(handle, lines.join(""));
    lines = [];
  }
  closeSync(handle);
}

const pointOf = ({ index }: Settings, step: number) => ({
  step,
  epoch: step / 100,
  wallTimeSeconds: firstStart + 3600 * index + step,
});
