/** @file Measures what the Trainer takes beside its steps, in this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { FitState } from "../../../framework/training/fitState.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { resolveTrainerOptions } from "../../../framework/training/trainerOptions.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import type { EngineFigure, EngineReport } from "../engine/engineFigure.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";

/** What a short training step takes. */
const stepMs = 10;
const targetLoopShare = 0.01;
const callbackCount = 20;
const targetDispatchMs = 0.02;
const stateMb = 100;
const targetCheckpointMs = 500;
const rounds = 7;

const quiet = { print: () => {}, numSanityValSteps: 0 };

/** A `Compile` that counts the time inside the functions. */
function timedCompile(): { compile: Compile; insideMs: () => number } {
  let insideMs = 0;
  const compile: Compile = (fn) => {
    const run = runEagerly(fn);
    const timed = async (inputs: Parameters<typeof fn>[0]): ReturnType<typeof run> => {
      const start = performance.now();
      const outputs = await run(inputs);
      insideMs += performance.now() - start;
      return outputs;
    };
    return Object.assign(timed, { dispose() {} });
  };
  return { compile, insideMs: () => insideMs };
}

function moduleOf(size: number): TrainingModule {
  const weight = tf.tidy(() => tf.variable(tf.zeros([size])));
  return {
    trainableParameters: () => new Map([["weight", weight]]),
    configureOptimizers: () => ({ optimizer: adamW({ learningRate: 1e-3 }) }),
    trainingStep: () => ({ loss: weight.mean().asScalar() }),
  };
}

const loader: DataLoader = {
  length: 100,
  batch: async () => ({ x: hostTensor(new Float32Array(64), [64]) }),
};

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Time of a step of the loop outside the compiled function. */
async function loopMs(): Promise<number> {
  const module = moduleOf(1);
  const steps = 2000;
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const { compile, insideMs } = timedCompile();
    const trainer = new Trainer({ ...quiet, maxSteps: steps, compile });
    const ms = await timeOf(() => trainer.fit(module, { trainLoader: loader }));
    times.push((ms - insideMs()) / steps);
  }
  return median(times);
}

/** Time of one hook that every callback has. */
async function dispatchMs(): Promise<number> {
  let calls = 0;
  const callbacks = Array.from({ length: callbackCount }, (_, i): Callback => {
    return { name: `callback ${i}`, onTrainStart: () => void calls++ };
  });
  const settings = resolveTrainerOptions({ ...quiet, maxSteps: 1, callbacks });
  const state = new FitState("fit", moduleOf(1), settings);
  const runs = 2000;
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const ms = await timeOf(async () => {
      for (let run = 0; run < runs; run++) await state.listeners.run("onTrainStart", state);
    });
    times.push(ms / runs);
  }
  if (calls !== rounds * runs * callbackCount) throw new Error("Cannot measure: hooks were missed");
  return median(times);
}

/** Time of one checkpoint: parameters and two moments, hashed, durable and renamed. */
async function checkpointMs(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-bench-"));
  const module = moduleOf(Math.round((stateMb * 1e6) / 4 / 3));
  const times: number[] = [];
  let startedMs = 0;
  const saving: Callback = {
    name: "saving",
    kind: "checkpoint",
    wantsCheckpoint() {
      startedMs = performance.now();
      return true;
    },
    onCheckpointSaved: () => void times.push(performance.now() - startedMs),
  };
  const trainer = new Trainer({
    ...quiet,
    maxSteps: rounds,
    checkpointsFolder: folder,
    callbacks: [saving],
  });
  await trainer.fit(module, { trainLoader: loader });
  rmSync(folder, { recursive: true });
  return median(times);
}

async function measure(): Promise<EngineReport> {
  await tf.setBackend("cpu");
  const loop = await loopMs();
  const figures: EngineFigure[] = [
    {
      name: "trainer-loop",
      title: `the Trainer's loop for each step, as part of one of ${stepMs} ms`,
      ms: loop,
      share: loop / stepMs,
      target: targetLoopShare,
    },
    {
      name: "trainer-hooks",
      title: `a hook of ${callbackCount} callbacks`,
      ms: await dispatchMs(),
      target: targetDispatchMs,
    },
    {
      name: "trainer-checkpoint",
      title: `a checkpoint of ${stateMb} MB`,
      ms: await checkpointMs(),
      target: targetCheckpointMs,
    },
  ];
  return { figures, peakMb: peakMb() };
}

process.send?.(await measure());
process.disconnect?.();
