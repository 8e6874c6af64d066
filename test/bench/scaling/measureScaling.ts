import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { mpirunPermission } from "../../support/mpirun.ts";
import { median } from "../statistics.ts";

/** What each worker is asked for. */
export interface WorkerRequest {
  /** Of one worker. */
  readonly batchSize: number;
  readonly threads: number;
  /** Whether workers divide the optimizer's state and work among them. */
  readonly shards: boolean;
  /** That are measured. */
  readonly steps: number;
  /** For the result. */
  readonly file: string;
}

export interface WorkerResult {
  /** Median. */
  readonly stepMs: number;
  /** Of a step, all workers together. */
  readonly processorMs: number;
  readonly parameters: number;
  /** Of the process that took most memory. */
  readonly peakMb: number;
}

/** One way to train on the global batch, or on a part of it. */
export interface Arrangement {
  readonly name: string;
  readonly workers: number;
  readonly threads: number;
  /** Of one worker. */
  readonly batchSize: number;
  readonly shards: boolean;
}

export interface MeasuredArrangement extends Arrangement, WorkerResult {
  /** Of all workers. */
  readonly examplesPerSecond: number;
}

/** Measures arrangements in turns, so that what else the machine does falls on all of them. */
export async function measureArrangements(
  arrangements: readonly Arrangement[],
  { rounds, steps }: { readonly rounds: number; readonly steps: number },
): Promise<MeasuredArrangement[]> {
  const results: WorkerResult[][] = arrangements.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, arrangement] of arrangements.entries()) {
      results[i]!.push(await measure(arrangement, steps));
    }
  }
  return arrangements.map((arrangement, i) => {
    const stepMs = median(results[i]!.map((result) => result.stepMs));
    const processorMs = median(results[i]!.map((result) => result.processorMs));
    const { workers, batchSize } = arrangement;
    const examplesPerSecond = (1000 * workers * batchSize) / stepMs;
    const peakMb = median(results[i]!.map((result) => result.peakMb));
    const { parameters } = results[i]![0]!;
    return { ...arrangement, stepMs, processorMs, parameters, peakMb, examplesPerSecond };
  });
}

async function measure(
  { workers, threads, batchSize, shards }: Arrangement,
  steps: number,
): Promise<WorkerResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-scaling-"));
  const request: WorkerRequest = {
    batchSize,
    threads,
    shards,
    steps,
    file: path.join(folder, "result"),
  };
  const script = path.join(import.meta.dirname, "measureWorker.ts");
  const node = [process.execPath, "--import", "tsx", script, JSON.stringify(request)];
  const command = workers === 1 ? node : ["mpirun", "-n", String(workers), ...node];
  try {
    await run(command);
    return JSON.parse(readFileSync(request.file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run([program = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(program, args, {
    stdio: "inherit",
    env: { ...process.env, ...mpirunPermission },
  });
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Cannot measure: ${program} ended with ${code}`));
    });
  });
}
