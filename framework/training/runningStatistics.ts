import * as tf from "@tensorflow/tfjs";

import { toTensors, type HostBatch, type HostTensor } from "../base/hostTensor.ts";
import { hasBatch } from "../data/dataLoader.ts";
import { makeBatch } from "./batchPrefetcher.ts";
import type { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";
import { logsNothing } from "./lossModule.ts";
import type { CompiledStep } from "./stepCompiler.ts";
import { gradientsAt, stepOptimizer } from "./stepOptimizer.ts";
import type { ManualTrainingModule, NamedVariables, TrainingModule } from "./trainingModule.ts";
import { assignVariables, readVariables } from "./variables.ts";

/** A variable that a step moves towards a number of its batch. */
interface Statistic {
  readonly variable: tf.Variable;
  /** Share of its value that a step leaves. */
  readonly kept: number;
  /** Of the batches' numbers. */
  readonly sum: Float64Array;
}

type Forward = (batch: HostBatch) => Promise<void>;

/** What a variable is set to, to see how it moves: large beside usual means and variances. */
const probe = 1024;

/** Of the share that a step leaves; float32 has a relative 6e-8. */
const tolerance = 1e-5;

/**
 * Measures running statistics anew, with the parameters as they are: goes through the epoch of
 * training data that would come next, without training, and sets each to the mean over its batches
 * and all workers. Everything else in `otherState` stays as it is.
 *
 * A float32 variable counts as a running statistic if a training step makes it a weighted mean of
 * itself and of a number of the batch, as batch normalisation does. That is tried on the first batch.
 *
 * Source: Izmailov et al. 2018, arXiv:1803.05407, section 3.2, as PyTorch's `update_bn`.
 *
 * The optimizers of a `manualTrainingStep` leave parameters as they are; what it does to these in
 * other ways, such as clipping them, is undone.
 *
 * @returns the names of the statistics
 */
export async function measureStatistics(state: FitState): Promise<readonly string[]> {
  const { module } = state;
  const others = module.otherState?.() ?? new Map<string, tf.Variable>();
  if (others.size === 0) return [];
  const before = new Map(await copiesOf(others));
  const parameters = new Map(await copiesOf(module.trainableParameters()));
  const compiled = state.compileStep(forwardOf(state));
  try {
    const statistics = await sumOverEpoch(state, others, (batch) => run(compiled, batch));
    for (const [name, values] of await meansOf(state, statistics)) {
      before.set(name, { shape: before.get(name)!.shape, values });
    }
    return [...statistics.found.keys()];
  } finally {
    assignVariables("other state", others, before);
    assignVariables("parameters", module.trainableParameters(), parameters);
    compiled.dispose();
  }
}

interface Sums {
  readonly found: ReadonlyMap<string, Statistic>;
  readonly batches: number;
}

async function copiesOf(variables: NamedVariables): Promise<[string, HostTensor][]> {
  const read = [...(await readVariables(variables))];
  return read.map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]);
}

/** A training step without updates: it only does to other state what it does. */
function forwardOf(state: FitState): (batch: tf.NamedTensorMap) => tf.NamedTensorMap {
  const module: Partial<TrainingModule & ManualTrainingModule> = state.module;
  const gradients = gradientsAt();
  const slots = state.trialParts?.slots ?? [];
  return (batch) => {
    const optimizers = slots.map((slot) => stepOptimizer(slot, gradients, () => {}));
    const context = { ...logsNothing, optimizers, gradients };
    return (
      module.manualTrainingStep?.(batch, context) ?? module.trainingStep?.(batch, context) ?? {}
    );
  };
}

async function run(compiled: CompiledStep, batch: HostBatch): Promise<void> {
  const inputs = toTensors(batch);
  try {
    tf.dispose(await compiled(inputs));
  } finally {
    tf.dispose(inputs);
  }
}

async function sumOverEpoch(
  state: FitState,
  others: NamedVariables,
  forward: Forward,
): Promise<Sums> {
  const { module, settings, epoch, progress, batchesPerEpoch } = state;
  const { seed, world } = settings;
  const loader = state.trainLoader!;
  const source = { module, loader, loaderIndex: 0, seed, world };
  let found: ReadonlyMap<string, Statistic> = new Map();
  let index = 0;
  while (index < batchesPerEpoch && (await hasBatch(loader, epoch, index))) {
    if (state.aborted) throw new InterruptedError(state.step);
    const position = { epoch, index, microBatch: progress.microBatch + index };
    const batch = await makeBatch(source, "train", position);
    if (index++ === 0) found = await findStatistics(others, () => forward(batch));
    if (found.size === 0) break;
    await addBatch(found, () => forward(batch));
  }
  return { found, batches: index };
}

/** Those that move in proportion to what they are, all elements alike. */
async function findStatistics(
  others: NamedVariables,
  forward: () => Promise<void>,
): Promise<Map<string, Statistic>> {
  const floats = new Map([...others].filter(([, { dtype }]) => dtype === "float32"));
  const moved = [];
  for (const value of [-probe, 0, probe]) {
    fill(floats.values(), value);
    await forward();
    moved.push(new Map(await copiesOf(floats)));
  }
  const found = new Map<string, Statistic>();
  for (const [name, variable] of floats) {
    const [low, middle, high] = moved.map((values) => values.get(name)!.values);
    const kept = (high![0]! - low![0]!) / (2 * probe);
    const isAlike = middle!.every((value, i) => {
      const below = Math.abs((value - low![i]!) / probe - kept);
      const above = Math.abs((high![i]! - value) / probe - kept);
      return below < tolerance && above < tolerance;
    });
    if (!isAlike || kept < 0 || kept > 1 - tolerance) continue;
    found.set(name, { variable, kept, sum: new Float64Array(variable.size) });
  }
  return found;
}

function fill(variables: Iterable<tf.Variable>, value: number): void {
  tf.tidy(() => {
    for (const variable of variables) variable.assign(tf.fill(variable.shape, value));
  });
}

/** From 0, a step makes of a statistic the batch's part alone. */
async function addBatch(
  statistics: ReadonlyMap<string, Statistic>,
  forward: () => Promise<void>,
): Promise<void> {
  fill(
    [...statistics.values()].map(({ variable }) => variable),
    0,
  );
  await forward();
  for (const { variable, kept, sum } of statistics.values()) {
    const values = await variable.data();
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]! / (1 - kept);
  }
}

/** Over the batches, and over the workers, each of which has as many. */
async function meansOf(
  { settings: { world } }: FitState,
  { found, batches }: Sums,
): Promise<[string, Float32Array][]> {
  const count = batches * world.size;
  const means = [...found].map(([name, { sum }]): [string, Float32Array] => [
    name,
    Float32Array.from(sum, (value) => value / count),
  ]);
  await world.sum(
    "the running statistics",
    means.map(([, values]) => values),
  );
  return means;
}
