import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { stringify } from "yaml";

export interface GenerateRunsOptions {
  readonly folder: string;
  readonly runs: number;
  /** Of each run. */
  readonly records: number;
  /** In every record; 10 are the most. */
  readonly metrics?: number;
}

const metricNames = [
  ...["train/loss", "train/accuracy", "train/gradientNorm", "train/learningRate", "train/rate"],
  ...["val/loss", "val/accuracy", "val/fidelity", "epoch", "lossScale"],
];
const runsOfSweep = 1000;
const startMs = Date.UTC(2026, 0, 1);

export const generatedId = (run: number): string => run.toString(36).padStart(8, "0");

/** Writes folders as runs leave them, in sweeps of a thousand with five seeds to a point. */
export function generateRuns({ folder, runs, records, metrics = 10 }: GenerateRunsOptions): void {
  for (let run = 0; run < runs; run++) {
    const name = `sweep-${Math.floor(run / runsOfSweep)}`;
    const id = generatedId(run);
    const place = path.join(folder, name, id);
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, "manifest.json"), JSON.stringify(manifest(run, id, name)));
    writeFileSync(path.join(place, "spec.yaml"), stringify(spec(run, name)));
    writeFileSync(
      path.join(place, "metrics.jsonl"),
      log(run, records, metricNames.slice(0, metrics)),
    );
  }
}

/** In 0 to 1, as even as a table of runs needs it. */
function scattered(run: number, stream: number): number {
  return (run * 0.6180339887498949 + stream * 0.7548776662466927) % 1;
}

function manifest(run: number, id: string, name: string): object {
  const time = (seconds: number): string =>
    new Date(startMs + 1000 * (run * 60 + seconds)).toISOString();
  return {
    formatVersion: 1,
    id,
    name,
    status: ["finished", "finished", "finished", "failed"][run % 4],
    seed: run % 5,
    specSha256: "0".repeat(64),
    command: ["seedbed", "trial", `runs/${name}/${id}`],
    startedAt: time(0),
    heartbeatAt: time(3600),
    endedAt: time(3600),
    versions: { node: "20.20.2", seedbed: "0.1.0", "onnxruntime-node": "1.30.0" },
    host: { name: "host", platform: "linux x64", cpu: "CPU", cores: 8, memoryBytes: 2 ** 34 },
    summary: { steps: 10_000, "val/loss": scattered(run, 1), "val/accuracy": scattered(run, 2) },
    data: {},
    resumes: [],
  };
}

function spec(run: number, name: string): object {
  return {
    experiment: "imageClassifier",
    seed: run % 5,
    data: { preset: "full", batchSize: 2 ** (4 + (run % 4)), validationFraction: 0.2 },
    model: { size: 32, channels: [32, 64, 96], dropout: Math.floor(run / 5) % 3 },
    trainer: {
      ...{ maxSteps: 10_000, gradientClipVal: 1, valCheckInterval: 500, logEveryNSteps: 25 },
      ...{ benchmark: false, deterministic: true, backend: "ort", maxTime: null },
      ...{ accumulateGradBatches: 1, gradientClipAlgorithm: "norm", limitTrainBatches: null },
      ...{ overfitBatches: null, fastDevRun: false, numSanityValSteps: 2, profiler: null },
      ...{ precision: "32-true", strategy: "auto", devices: "auto", detectAnomaly: false },
      lossScale: { initialScale: 65_536, growthFactor: 2, backoffFactor: 0.5 },
    },
    optimizer: {
      name: "adamW",
      learningRate: 10 ** (-5 + 3 * scattered(Math.floor(run / 5), 0)),
      weightDecay: 0.05,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
    },
    lrSchedule: { name: "cosine", warmupSteps: 50, endFactor: 0.02, interval: "step" },
    callbacks: [{ progressBar: { mode: "auto", everySeconds: 5 } }],
    name,
    tags: [],
    loggers: { tensorBoard: true, wandb: true },
  };
}

function log(run: number, records: number, metrics: readonly string[]): string {
  const start = startMs / 1000 + run * 60;
  const lines = Array.from({ length: records }, (_, i) => {
    const values = metrics.map((metric, m) => [metric, scattered(run + i, m) / (1 + i)]);
    const head = { kind: "metrics", step: 25 * i, epoch: i, wallTimeSeconds: start + i };
    return `${JSON.stringify({ ...head, metrics: Object.fromEntries(values) })}\n`;
  });
  return lines.join("");
}
