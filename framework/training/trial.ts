import type * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../base/hostTensor.ts";
import { hasBatch, type DataLoader } from "../data/dataLoader.ts";
import type { Example } from "../data/dataset.ts";
import { splitBatch, stackExamples } from "../data/stackExamples.ts";
import { makeBatch, samplesIn } from "./batchPrefetcher.ts";
import type { BatchStep } from "./batchStep.ts";
import type { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { assignVariables, readVariables } from "./variables.ts";

/**
 * One optimizer step on trial, on the batches after those of the last.
 *
 * @param learningRate in the place of the optimizers' own and their schedules'
 * @returns the step's outputs, means over its batches
 */
export type TrialStep = (learningRate?: number) => Promise<Readonly<Record<string, number>>>;

/** Something that trains on trial and decides by what it sees. */
export type TrialWork<Result> = (step: TrialStep) => Promise<Result>;

export interface TrialOptions {
  /** Examples in a batch, put together from the loader's batches in their order; default: as they are. */
  readonly batchSize?: number;
}

export interface TrialParts {
  readonly state: FitState;
  readonly loader: DataLoader;
  readonly slots: readonly OptimizerSlot[];
  readonly batchStep: BatchStep;
}

type Variables = ReadonlyMap<string, tf.Variable>;

/**
 * Lets `work` train, from the first batch of the first epoch on, and puts back all that a
 * checkpoint holds, whether or not it fails. Hooks are not called, but for the recorded ones, and
 * nothing is logged.
 */
export async function tryTraining<Result>(
  parts: TrialParts,
  work: TrialWork<Result>,
  { batchSize: size }: TrialOptions = {},
): Promise<Result> {
  const { state, slots, batchStep } = parts;
  const { stage, logScope, batchSize, module } = state;
  const variables: Variables[] = [
    module.trainableParameters(),
    module.otherState?.() ?? new Map(),
    ...slots.map(({ optimizer }) => optimizer.state()),
  ];
  const values = await Promise.all(variables.map(readVariables));
  const scaling = state.lossScaling?.state();
  Object.assign(state, { stage: "train", logScope: "trainBatch" });
  try {
    return await work(stepsOf(parts, size));
  } finally {
    batchStep.clear();
    if (size !== undefined) batchStep.dispose(); // compiled for a size that is not training's
    for (const [i, named] of variables.entries()) {
      assignVariables("what was there before the trial", named, values[i]!);
    }
    if (scaling) state.lossScaling?.restore(scaling);
    Object.assign(state, { stage, logScope, batchSize });
  }
}

function stepsOf(
  { state, loader, slots, batchStep }: TrialParts,
  size: number | undefined,
): TrialStep {
  const { module, settings } = state;
  const { seed, world } = settings;
  const source = { module, loader, loaderIndex: 0, seed, world };
  let position = { epoch: 0, index: 0, microBatch: 0 };
  let updates = 0; // those that were done
  const examples: Example[] = []; // that no batch has had, where their number is not the loader's

  async function nextPlace(): Promise<typeof position> {
    const { epoch, index } = position;
    const inEpoch = index < state.batchesPerEpoch && (await hasBatch(loader, epoch, index));
    const place = inEpoch ? position : { ...position, epoch: epoch + 1, index: 0 };
    position = { ...place, index: place.index + 1, microBatch: place.microBatch + 1 };
    return place;
  }

  async function examplesOf(count: number): Promise<HostBatch> {
    while (examples.length < count) {
      const { epoch, index } = await nextPlace();
      examples.push(...splitBatch(await loader.batch(epoch, index)));
    }
    return stackExamples(examples.splice(0, count));
  }

  async function nextBatch(): Promise<HostBatch> {
    if (size === undefined) return makeBatch(source, "train", await nextPlace());
    const resized = { length: Infinity, batch: () => examplesOf(size) };
    return makeBatch({ ...source, loader: resized }, "train", position);
  }

  return async (learningRate) => {
    if (state.aborted) throw new InterruptedError(state.step);
    const batches = state.accumulateGradBatches;
    const sums: Record<string, number> = {};
    const updateSince = (step: number): number => updates + 1 - step;
    for (let i = 1; i <= batches; i++) {
      const batch = await nextBatch();
      state.batchSize = samplesIn(batch);
      const hyperparameters = slots.map((slot) => slot.hyperparameters(updateSince, learningRate));
      const update = i === batches ? { hyperparameters, batches } : undefined;
      const { outputs } = state.recordedLogs.split(await batchStep.run(batch, update));
      for (const [name, value] of Object.entries(outputs)) sums[name] = (sums[name] ?? 0) + value;
    }
    if (!state.lossScaling?.hasSkipped) updates++;
    return Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [
        name,
        name === "gradientNorm" ? sum : sum / batches,
      ]),
    );
  };
}
