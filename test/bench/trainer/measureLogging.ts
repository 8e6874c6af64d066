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
const steps = 300;
const rounds = 5;
/** Values that the module of many gives beside its loss. */
const manyValues = 36;
const targetShare = 0.01;
const targetScalarMs = 0.02;

/**
 * A `Compile` whose functions take `stepMs`, and the times that pass between their calls. Those in
 * which the system gave the processor to another program are left out: they tell of that one.
 */
function pacedCompile(): { compile: Compile; betweenMs: readonly number[] } {
  const betweenMs: number[] = [];
  const interruptions = (): number => process.resourceUsage().involuntaryContextSwitches;
  let end: { ms: number; interruptions: number } | undefined;
  const compile: Compile = (fn) => {
    const run = runEagerly(fn);
    const paced = async (inputs: Parameters<typeof fn>[0]): ReturnType<typeof run> => {
      const startMs = performance.now();
      if (end?.interruptions === interruptions()) betweenMs.push(startMs - end.ms);
      const outputs = await run(inputs);
      while (performance.now() < startMs + stepMs);
      end = { interruptions: interruptions(), ms: performance.now() };
      return outputs;
    };
    return Object.assign(paced, { dispose() {} });
  };
  return { compile, betweenMs };
}

/** @param values how many its step gives beside the loss */
function createModule(values: number): TrainingModule {
  const weight = tf.tidy(() => tf.variable(tf.zeros([1])));
  const names = Array.from({ length: values }, (_, i) => `value${i}`);
  const mean = (): tf.Scalar => weight.mean().asScalar();
  return {
    trainableParameters: () => new Map([["weight", weight]]),
    configureOptimizers: () => ({ optimizer: sgd({ learningRate: 1e-3 }) }),
    trainingStep: () => ({
      loss: mean(),
      ...Object.fromEntries(names.map((name) => [name, mean()])),
    }),
  };
}

interface Between {
  meanMs: number;
  medianMs: number;
}

/** Times between two steps, with a row for the loggers after each. */
async function betweenSteps(module: TrainingModule, run?: Run): Promise<Between> {
  const { compile, betweenMs } = pacedCompile();
  const loggers = run?.loggers ?? [];
  const quiet = { print: () => {}, numSanityValSteps: 0 };
  const trainer = new Trainer({ ...quiet, maxSteps: steps, logEveryNSteps: 1, compile, loggers });
  const batch = { x: hostTensor(new Float32Array(1), [1]) };
  await trainer.fit(module, { trainLoader: { length: steps, batch: async () => batch } });
  if (betweenMs.length < steps / 2) throw new Error("Cannot measure: other programs are too busy");
  const sum = betweenMs.reduce((total, ms) => total + ms, 0);
  return { meanMs: sum / betweenMs.length, medianMs: median(betweenMs) };
}

/** A run with every default logger, which none of its own keys lets go online. */
async function openRun(root: string): Promise<Run> {
  const run = createRun({ root, name: "bench", seed: 1, spec: {}, specYaml: "", command: [] });
  await openLoggers(run, { parameters: {}, environment: {} });
  return run;
}

interface Row extends Between {
  scalars: number;
}

/** What the loggers add to a step that is trained with and without them in turns. */
async function measureRow(root: string, values: number): Promise<Row> {
  const module = createModule(values);
  const times: Between[] = [];
  let scalars = 0;
  for (let i = 0; i < rounds; i++) {
    const without = await betweenSteps(module);
    const run = await openRun(root);
    const { meanMs, medianMs } = await betweenSteps(module, run);
    times.push({ meanMs: meanMs - without.meanMs, medianMs: medianMs - without.medianMs });
    await run.finish("finished");
    const rows = readMetrics(run.folder);
    if (rows.length !== steps) throw new Error(`Cannot measure: ${rows.length} of ${steps} rows`);
    scalars = Object.keys(rows[0]!.metrics).length;
  }
  const meanMs = median(times.map((time) => time.meanMs));
  return { scalars, meanMs, medianMs: median(times.map((time) => time.medianMs)) };
}

function figuresOf({ scalars, meanMs, medianMs }: Row, suffix = ""): EngineFigure[] {
  const what = `every default logger after each step, ${scalars} scalars, as part of one of ${stepMs} ms`;
  const mean = { ms: meanMs, share: meanMs / stepMs };
  return [
    { name: `logging-step${suffix}`, title: `${what}: mean`, ...mean, target: targetShare },
    { name: `logging-median${suffix}`, title: `${what}: median`, ms: medianMs },
    {
      name: `logging-scalar${suffix}`,
      title: `each of these ${scalars} scalars, of the mean`,
      ms: meanMs / scalars,
      target: targetScalarMs,
    },
  ];
}

async function measure(): Promise<EngineReport> {
  await tf.setBackend("cpu");
  const root = mkdtempSync(path.join(tmpdir(), "seedbed-bench-"));
  const figures = [
    ...figuresOf(await measureRow(root, 0)),
    ...figuresOf(await measureRow(root, manyValues), "-many"),
  ];
  rmSync(root, { recursive: true });
  return { figures, peakMb: peakMb() };
}

process.send?.(await measure());
process.disconnect?.();
