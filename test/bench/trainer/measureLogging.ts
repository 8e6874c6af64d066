/** @file Measures what logging adds to a training step, in this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { sgd } from "../../../framework/optim/optimizers/sgd.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import type { EngineFigure, EngineReport } from "../engine/engineFigure.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";

/** What a short training step takes. */
const stepMs = 10;
const steps = 200;
const rounds = 7;
const targetShare = 0.01;
const targetScalarMs = 0.02;

/** A `Compile` whose functions take `stepMs`, and the times that pass between their calls. */
function pacedCompile(): { compile: Compile; betweenMs: readonly number[] } {
  const betweenMs: number[] = [];
  let endMs: number | undefined;
  const compile: Compile = (fn) => {
    const run = runEagerly(fn);
    const paced = async (inputs: Parameters<typeof fn>[0]): ReturnType<typeof run> => {
      const startMs = performance.now();
      if (endMs !== undefined) betweenMs.push(startMs - endMs);
      const outputs = await run(inputs);
      while (performance.now() < startMs + stepMs);
      endMs = performance.now();
      return outputs;
    };
    return Object.assign(paced, { dispose() {} });
  };
  return { compile, betweenMs };
}

function createModule(): TrainingModule {
  const weight = tf.tidy(() => tf.variable(tf.zeros([1])));
  return {
    trainableParameters: () => new Map([["weight", weight]]),
    configureOptimizers: () => ({ optimizer: sgd({ learningRate: 1e-3 }) }),
    trainingStep: () => ({ loss: weight.mean().asScalar() }),
  };
}

/** Median time between two steps, with a row for the loggers after each. */
async function betweenStepsMs(module: TrainingModule, run?: Run): Promise<number> {
  const { compile, betweenMs } = pacedCompile();
  const loggers = run?.loggers ?? [];
  const quiet = { print: () => {}, numSanityValSteps: 0 };
  const trainer = new Trainer({ ...quiet, maxSteps: steps, logEveryNSteps: 1, compile, loggers });
  const batch = { x: hostTensor(new Float32Array(1), [1]) };
  await trainer.fit(module, { trainLoader: { length: steps, batch: async () => batch } });
  return median(betweenMs);
}

/** A run with every default logger, which none of its own keys lets go online. */
async function openRun(root: string): Promise<Run> {
  const run = createRun({ root, name: "bench", seed: 1, spec: {}, specYaml: "", command: [] });
  await openLoggers(run, { parameters: {}, environment: {} });
  return run;
}

/** What the loggers add to a step that is trained with and without them in turns. */
async function measureRow(root: string): Promise<{ ms: number; scalars: number }> {
  const module = createModule();
  const times: number[] = [];
  let scalars = 0;
  for (let i = 0; i < rounds; i++) {
    const withoutMs = await betweenStepsMs(module);
    const run = await openRun(root);
    times.push((await betweenStepsMs(module, run)) - withoutMs);
    await run.finish("finished");
    const rows = readMetrics(run.folder);
    if (rows.length !== steps) throw new Error(`Cannot measure: ${rows.length} of ${steps} rows`);
    scalars = Object.keys(rows[0]!.metrics).length;
  }
  return { ms: median(times), scalars };
}

async function measure(): Promise<EngineReport> {
  await tf.setBackend("cpu");
  const root = mkdtempSync(path.join(tmpdir(), "seedbed-bench-"));
  const { ms, scalars } = await measureRow(root);
  rmSync(root, { recursive: true });
  const figures: EngineFigure[] = [
    {
      name: "logging-step",
      title: `every default logger after each step, as part of one of ${stepMs} ms`,
      ms,
      share: ms / stepMs,
      target: targetShare,
    },
    {
      name: "logging-scalar",
      title: `each of the ${scalars} scalars that they are given`,
      ms: ms / scalars,
      target: targetScalarMs,
    },
  ];
  return { figures, peakMb: peakMb() };
}

process.send?.(await measure());
process.disconnect?.();
