import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import {
  createOptimizer,
  hostTensor,
  layersModule,
  type DataLoader,
  type ManualTrainingModule,
  type TrainerOptions,
  type TrainingModule,
} from "seedbed";

import { useBackend } from "../../../framework/backend/register.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { at, quiet } from "../../support/fitToy.ts";
import { together } from "../../support/memoryWorlds.ts";

/** Batches of two numbers each. */
const numbers = [
  [1, 3],
  [5, 7],
];
const loaderFrom = (start: number): DataLoader => ({
  length: 2,
  batch: async (_epoch, index) => ({
    x: hostTensor(
      Float32Array.from(numbers[index]!, (value) => start + value),
      [2, 1],
    ),
    y: hostTensor(Float32Array.of(0, 0), [2, 1]),
  }),
});

/** Fits for an epoch, and measures at its end; gives what was measured. */
async function measure(
  module: TrainingModule | ManualTrainingModule,
  {
    trainLoader = loaderFrom(0),
    callbacks = [],
    ...options
  }: Pick<TrainerOptions, "world" | "compile" | "callbacks"> & { trainLoader?: DataLoader } = {},
): Promise<readonly string[]> {
  let names: readonly string[] = [];
  const measuring = at("onFitEnd", async (state) => {
    names = await state.measureStatistics();
  });
  await new Trainer({
    ...quiet,
    maxEpochs: 1,
    callbacks: [...callbacks, measuring],
    ...options,
  }).fit(module, {
    trainLoader,
  });
  return names;
}

type Change = (before: tf.Variable, x: tf.Tensor) => tf.Tensor;

/** Changes each variable of other state, 3 at first, as `changes` says. */
function withState(changes: Record<string, Change>) {
  const weight = tf.tidy(() => tf.variable(tf.scalar(1)));
  const others = new Map(
    Object.keys(changes).map((name) => [name, tf.tidy(() => tf.variable(tf.scalar(3), false))]),
  );
  const module: TrainingModule = {
    trainableParameters: () => new Map([["weight", weight]]),
    otherState: () => others,
    configureOptimizers: () => ({ optimizer: createOptimizer({ name: "sgd" }) }),
    trainingStep({ x }) {
      for (const [name, change] of Object.entries(changes)) {
        const variable = others.get(name)!;
        variable.assign(change(variable, x!).asScalar());
      }
      return { loss: weight.square().asScalar() };
    },
  };
  const value = (name: string): number => others.get(name)!.dataSync()[0]!;
  return { module, weight, value, dispose: () => tf.dispose([weight, ...others.values()]) };
}

describe("measureStatistics()", () => {
  after(async () => {
    await tf.setBackend("cpu");
  });

  it("gives the mean over the batches of what a step moves a statistic to", async () => {
    const { module, value, dispose } = withState({
      "mean 0.9": (before, x) => before.mul(0.9).add(x.mean().mul(0.1)),
      "mean 0.5": (before, x) => before.mul(0.5).add(x.mean().mul(0.5)),
      "last largest": (_before, x) => x.max(),
    });
    expect(await measure(module)).to.deep.equal(["mean 0.9", "mean 0.5", "last largest"]);
    expect(value("mean 0.9")).to.be.closeTo(4, 1e-5);
    expect(value("mean 0.5")).to.be.closeTo(4, 1e-5);
    expect(value("last largest")).to.equal(5); // of 3 and 7
    dispose();
  });

  it("leaves alone what is no statistic, as the steps left it", async () => {
    const { module, value, dispose } = withState({
      steps: (before) => before.add(1),
      frozen: (before) => before.clone(),
      largest: (before, x) => tf.maximum(before, x.max()),
      mean: (before, x) => before.mul(0.5).add(x.mean().mul(0.5)),
    });
    expect(await measure(module)).to.deep.equal(["mean"]);
    expect(["steps", "frozen", "largest"].map(value)).to.deep.equal([5, 3, 7]);
    dispose();
  });

  it("is the mean over all workers", async () => {
    const results = await together(2, async (world) => {
      const { module, value, dispose } = withState({
        mean: (before, x) => before.mul(0.5).add(x.mean().mul(0.5)),
      });
      const own = { ...loaderFrom(world.rank), shard: () => loaderFrom(world.rank) };
      await measure(module, { world, trainLoader: own });
      const mean = value("mean");
      dispose();
      return mean;
    });
    expect(results).to.deep.equal([4.5, 4.5]);
  });

  for (const backend of ["cpu", "ort"] as const) {
    it(`knows batch normalisation on ${backend}`, async () => {
      const { compile } = await useBackend(backend, { threads: 2 });
      const { batchNormalization, dense } = tf.layers;
      const model = tf.sequential({
        layers: [
          batchNormalization({ inputShape: [1], name: "norm" }),
          dense({ units: 1, name: "out" }),
        ],
      });
      const optimizerConfig = { optimizer: createOptimizer({ name: "sgd" }) };
      const module = layersModule(model, { loss: "meanSquaredError", optimizerConfig });
      const names = ["norm/moving_mean", "norm/moving_variance"];
      expect(await measure(module, { compile })).to.deep.equal(names);
      const others = module.otherState!();
      const [mean, variance] = names.map((name) => others.get(name)!.dataSync()[0]!);
      // PyTorch 2.13's update_bn gives 4 and 2 for this data, 2 being unbiased: 1 * 2 / (2 - 1)
      expect(mean).to.be.closeTo(4, 1e-4);
      expect(variance).to.be.closeTo(1, 1e-4);
      model.dispose();
    });
  }

  for (const backend of ["cpu", "ort"] as const) {
    it(`runs a manualTrainingStep without its updates on ${backend}`, async () => {
      const { compile } = await useBackend(backend, { threads: 2 });
      const { module, weight, value, dispose } = withState({
        mean: (before, x) => before.mul(0.5).add(x.mean().mul(0.5)),
        steps: (before) => before.add(1),
      });
      const manual: ManualTrainingModule = {
        trainableParameters: () => module.trainableParameters(),
        otherState: () => module.otherState!(),
        configureOptimizers: () => module.configureOptimizers(),
        manualTrainingStep(batch, { optimizers: [only], ...context }) {
          const loss = only!.minimize(() => module.trainingStep(batch, context).loss);
          weight.assign(weight.minimum(0.5).asScalar()); // as where weights are clipped
          return { loss };
        },
      };
      let trained: number[] = [];
      const noting = at("onTrainEnd", () => void (trained = [...weight.dataSync()]));
      expect(await measure(manual, { compile, callbacks: [noting] })).to.deep.equal(["mean"]);
      expect(value("mean")).to.be.closeTo(4, 1e-5);
      expect(value("steps")).to.equal(3 + 2);
      expect([...weight.dataSync()]).to.deep.equal(trained);
      dispose();
    });
  }
});
