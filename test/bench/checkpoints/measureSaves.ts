import { rmSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { useBackend } from "../../../framework/backend/register.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";

export interface SaveOptions {
  /** Of parameters and moments together. */
  readonly bytes: number;
  readonly saves: number;
  readonly folder: string;
  readonly async: boolean;
}

/** Of one checkpoint. */
export interface SaveTimes {
  /** From the question whether to save to the next batch. */
  readonly blockedMs: number;
  /** From that question until the checkpoint is durable and the callbacks know. */
  readonly writeMs: number;
}

const matrices = 32;
const width = 1024;
/** Parameters and the two moments of AdamW. */
const copies = 3;
const bytesPerElement = 4;
/** Steps that are not saved, so that everything is compiled and memory is there. */
const warmUp = 3;

/** Trains with AdamW on large matrices, of which each step uses all, and saves now and then. */
export async function measureSaves(options: SaveOptions): Promise<SaveTimes[]> {
  const { bytes, saves, async } = options;
  const folder = path.join(options.folder, "checkpoints");
  const { compile } = await useBackend("ort");
  const height = Math.round(bytes / (copies * bytesPerElement * matrices * width));
  const parameters = new Map(
    Array.from({ length: matrices }, (_, i) => [
      `layer${i}.weight`,
      tf.tidy(() => tf.variable(tf.fill([height, width], 0.01 + i / 1e4))),
    ]),
  );
  const watch = saveWatch(saves, folder);
  try {
    await new Trainer({
      maxSteps: 100_000,
      logEveryNSteps: 0,
      checkpointsFolder: folder,
      checkpoints: { async },
      callbacks: [watch.callback],
      compile,
      print: () => {},
    }).fit(rowsModule(parameters), { trainLoader: oneRow });
    return watch.times;
  } finally {
    tf.dispose([...parameters.values()]);
  }
}

/** Saves `count` times, each when the one before is durable and two steps more were done. */
function saveWatch(count: number, folder: string): { callback: Callback; times: SaveTimes[] } {
  const times: SaveTimes[] = [];
  let [askedMs, blockedMs] = [0, 0];
  let [isSaving, isAsking] = [false, false];
  let next = warmUp;
  const callback: Callback = {
    name: "saveWatch",
    kind: "checkpoint",
    wantsCheckpoint({ step }) {
      if (isSaving || step < next) return false;
      [isSaving, isAsking] = [true, true];
      askedMs = performance.now();
      return { name: `save-${times.length}` };
    },
    onTrainBatchStart() {
      if (isAsking) blockedMs = performance.now() - askedMs;
      isAsking = false;
    },
    onCheckpointSaved(state, name) {
      const writeMs = performance.now() - askedMs;
      if (isAsking) blockedMs = writeMs; // it was written at once
      times.push({ blockedMs, writeMs });
      rmSync(path.join(folder, name), { recursive: true });
      [isSaving, isAsking] = [false, false];
      next = state.step + 2;
      state.shouldStop = times.length === count;
    },
  };
  return { callback, times };
}

function rowsModule(parameters: ReadonlyMap<string, tf.Variable>): TrainingModule {
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => ({ optimizer: adamW({ learningRate: 1e-4 }) }),
    trainingStep: ({ x }) => ({
      loss: [...parameters.values()]
        .map((weight) => tf.mean(weight).mul(tf.mean(x!)))
        .reduce((sum, each) => sum.add(each))
        .asScalar(),
    }),
  };
}

const oneRow = {
  length: 1_000_000,
  batch: () => Promise.resolve({ x: hostTensor(Float32Array.of(1), [1, 1]) }),
};
