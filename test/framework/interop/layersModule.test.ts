import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  createLoader,
  createOptimizer,
  layersModule,
  RandomStream,
  tensorDataset,
  Trainer,
  type DataLoader,
  type LayersModuleOptions,
  type TrainerOptions,
} from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { quiet } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { recordingLogger } from "../../support/toyTraining.ts";

const batchSize = 4;
const examples = 12;
const learningRate = 0.02;
const sgd = (rate = learningRate) => {
  const options = { name: "sgd", learningRate: rate };
  return { optimizer: createOptimizer(options) };
};

const uniform = (name: string, shape: number[]): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b);
  return tf.tensor(new RandomStream(5, name).uniforms(size), shape);
};
const classes = (): tf.Tensor =>
  tf.tensor(
    new RandomStream(5, "classes").uniforms(examples).map((value) => Math.floor(3 * value)),
  );
const oneHot = (): tf.Tensor => tf.tidy(() => tf.oneHot(classes().toInt(), 3).toFloat());

const knownShape = (shape: readonly (number | null)[]): number[] => shape.map((size) => size!);

/** The same first weights in every model of the same layers. */
function setWeights(model: tf.LayersModel): tf.LayersModel {
  tf.tidy(() =>
    model.setWeights(
      model.weights.map(({ shape }, i) => uniform(`weight ${i}`, knownShape(shape)).add(0.25)),
    ),
  );
  return model;
}

interface Case {
  title: string;
  make(): tf.LayersModel;
  loss: LayersModuleOptions["loss"];
  metrics?: string[];
  x: () => tf.Tensor | tf.NamedTensorMap;
  y: () => tf.Tensor | tf.NamedTensorMap;
}

const { dense, batchNormalization } = tf.layers;
const dense2 = (activation: "softmax" | "sigmoid" | "linear", units: number) => () =>
  tf.sequential({
    layers: [
      dense({ units: 5, inputShape: [3], activation: "tanh", name: "hidden" }),
      dense({ units, activation, name: "out" }),
    ],
  });

function twoInputsTwoOutputs(): tf.LayersModel {
  const left = tf.input({ shape: [3], name: "left" });
  const right = tf.input({ shape: [2], name: "right" });
  const joined = tf.layers.concatenate({ name: "joined" }).apply([left, right]);
  const hidden = dense({ units: 4, activation: "tanh", name: "hidden" }).apply(joined);
  const outputs = [
    dense({ units: 3, activation: "softmax", name: "kind" }).apply(hidden),
    dense({ units: 1, name: "size" }).apply(hidden),
  ].flat();
  return tf.model({
    inputs: [left, right],
    outputs: outputs.filter((each) => each instanceof tf.SymbolicTensor),
  });
}

const x = () => uniform("x", [examples, 3]);
const cases: Case[] = [
  {
    title: "meanSquaredError",
    make: dense2("linear", 2),
    loss: "meanSquaredError",
    x,
    y: () => uniform("y", [examples, 2]),
  },
  {
    title: "categoricalCrossentropy",
    make: dense2("softmax", 3),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
    x,
    y: oneHot,
  },
  {
    title: "sparseCategoricalCrossentropy",
    make: dense2("softmax", 3),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    x,
    y: classes,
  },
  {
    title: "binaryCrossentropy",
    make: dense2("sigmoid", 1),
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
    x,
    y: () => tf.tidy(() => uniform("y", [examples, 1]).round()),
  },
  {
    title: "a function",
    make: dense2("linear", 3),
    loss: (target, prediction) => tf.losses.huberLoss(target, prediction),
    x,
    y: oneHot,
  },
  {
    title: "several inputs and outputs, a loss for each",
    make: twoInputsTwoOutputs,
    loss: { kind: "categoricalCrossentropy", size: "meanSquaredError" },
    metrics: ["accuracy"],
    x: () => ({ left: x(), right: uniform("right", [examples, 2]) }),
    y: () => ({
      kind: oneHot(),
      size: uniform("size", [examples, 1]),
    }),
  },
  {
    title: "batch normalisation",
    make: () =>
      tf.sequential({
        layers: [
          dense({ units: 4, inputShape: [3], name: "hidden" }),
          batchNormalization({ momentum: 0.5, name: "norm" }),
          dense({ units: 1, name: "out" }),
        ],
      }),
    loss: "meanSquaredError",
    x,
    y: () => uniform("y", [examples, 1]),
  },
  {
    title: "a penalty on weights, and a layer that is not trained",
    make: () =>
      tf.sequential({
        layers: [
          dense({ units: 4, inputShape: [3], name: "hidden", trainable: false }),
          dense({
            units: 1,
            name: "out",
            kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }),
          }),
        ],
      }),
    loss: "meanSquaredError",
    x,
    y: () => uniform("y", [examples, 1]),
  },
];

/** Losses of every batch and the weights afterwards, by `model.fit`. */
async function byTfjs(each: Case): Promise<{ losses: number[]; weights: number[] }> {
  const model = setWeights(each.make());
  const optimizer = tf.train.sgd(learningRate);
  model.compile({ optimizer, loss: each.loss, metrics: each.metrics ?? [] });
  const [inputs, targets] = [each.x(), each.y()];
  const losses: number[] = [];
  await model.fit(inputs, targets, {
    epochs: 2,
    batchSize,
    shuffle: false,
    yieldEvery: "never",
    callbacks: { onBatchEnd: async (_batch, logs) => void losses.push(logs!["loss"]!) },
  });
  const weights = await weightsOf(model);
  tf.dispose([inputs, targets]);
  optimizer.dispose();
  model.dispose();
  return { losses, weights };
}

/** The same by our Trainer. */
async function byTrainer(
  each: Case,
  own: TrainerOptions = {},
): Promise<{ losses: number[]; weights: number[]; names: string[] }> {
  const model = setWeights(each.make());
  const { loss, metrics = [] } = each;
  const module = layersModule(model, { loss, metrics, optimizerConfig: sgd() });
  const logger = recordingLogger();
  const options = { ...quiet, ...own, maxEpochs: 2, loggers: [logger], logEveryNSteps: 1 };
  const loaders = { trainLoader: await loaderOf(each), valLoader: await loaderOf(each) };
  await new Trainer(options).fit(module, loaders);
  const rows = logger.rows.filter(({ metrics: row }) => "train/loss" in row);
  const names = new Set(logger.rows.flatMap(({ metrics: row }) => Object.keys(row)));
  const weights = await weightsOf(model);
  model.dispose();
  return { losses: rows.map(({ metrics: row }) => row["train/loss"]!), weights, names: [...names] };
}

async function loaderOf(each: Case): Promise<DataLoader> {
  const [inputs, targets] = [each.x(), each.y()];
  const entries = (name: string, value: typeof inputs): tf.NamedTensorMap =>
    value instanceof tf.Tensor ? { [name]: value } : value;
  const tensors = { ...entries("x", inputs), ...entries("y", targets) };
  const dataset = await tensorDataset(tensors);
  tf.dispose(tensors);
  return createLoader({ dataset, batchSize, seed: 0 });
}

async function weightsOf(model: tf.LayersModel): Promise<number[]> {
  const values = await Promise.all(model.weights.map((weight) => weight.read().data()));
  return values.flatMap((each) => [...each]);
}

function expectClose(got: readonly number[], want: readonly number[]): void {
  expect(got.length).to.equal(want.length);
  for (const [i, value] of want.entries()) expect(got[i], `number ${i}`).to.be.closeTo(value, 1e-4);
}

describe("layersModule()", () => {
  for (const each of cases) {
    it(`trains as model.fit does: ${each.title}`, async () => {
      const want = await byTfjs(each);
      const got = await byTrainer(each);
      expectClose(got.losses, want.losses);
      expectClose(got.weights, want.weights);
    });
  }

  it("logs metrics under TF.js's names", async () => {
    expect((await byTrainer(cases[1]!)).names).to.include.members([
      "train/loss",
      "train/acc",
      "val/loss",
      "val/acc",
    ]);
    expect((await byTrainer(cases[5]!)).names).to.include.members([
      "train/kind_loss",
      "val/size_loss",
      "val/kind_acc",
    ]);
  });

  it("calls parameters as TF.js does in saved models", () => {
    const model = cases[6]!.make();
    const module = layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    expect([...module.trainableParameters().keys()]).to.deep.equal([
      "hidden/kernel",
      "hidden/bias",
      "norm/gamma",
      "norm/beta",
      "out/kernel",
      "out/bias",
    ]);
    expect([...module.otherState!().keys()]).to.deep.equal([
      "norm/moving_mean",
      "norm/moving_variance",
    ]);
    model.dispose();
  });

  it("evaluates with the moving statistics of the checkpoint it is given", async () => {
    const model = setWeights(cases[6]!.make());
    const module = layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    const loader = await loaderOf(cases[6]!);
    const options = { ...quiet, checkpointsFolder: folder.path(), callbacks: [modelCheckpoint()] };
    const trainer = new Trainer({ ...options, maxEpochs: 1 });
    await trainer.fit(module, { trainLoader: loader });
    const early = await trainer.test(module, loader);
    await new Trainer({ ...quiet, maxEpochs: 1 }).fit(module, { trainLoader: loader });
    expect(await trainer.test(module, loader)).to.not.deep.equal(early);
    expect(await trainer.test(module, loader, { checkpoint: "last" })).to.deep.equal(early);
    model.dispose();
  });
  const folder = temporaryFolder();

  it("predicts", async () => {
    const model = setWeights(cases[0]!.make());
    const module = layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    const [batches] = await new Trainer(quiet).predict(module, await loaderOf(cases[0]!));
    const input = x();
    const want = tf.tidy(() => [...tensor(model.predict(input)).dataSync()]);
    expectClose(
      batches!.flatMap(({ y }) => [...y!.values]),
      want,
    );
    input.dispose();
    model.dispose();
  });

  it("says which entry a batch lacks", async () => {
    const model = cases[0]!.make();
    const module = layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    const input = x();
    const dataset = await tensorDataset({ pixels: input });
    input.dispose();
    const loader = createLoader({ dataset, batchSize, seed: 0 });
    const fit = new Trainer({ ...quiet, maxSteps: 1 }).fit(module, { trainLoader: loader });
    expect(await fit.catch(String)).to.include('expected an entry "x" in the batch, got pixels');
    model.dispose();
  });
});

const tensor = (value: tf.Tensor | tf.Tensor[]): tf.Tensor => [value].flat()[0]!;

describe("layersModule() compiled", () => {
  onOrt();
  for (const each of cases) {
    it(`trains as model.fit does: ${each.title}`, async () => {
      const { compile } = await useBackend("ort", { threads: 2 });
      const got = await byTrainer(each, { compile });
      await tf.setBackend("cpu");
      const want = await byTfjs(each);
      expectClose(got.losses, want.losses);
      expectClose(got.weights, want.weights);
    });
  }

  /** Losses of a model that averages what dropout leaves of ones; nothing is learnt. */
  async function dropoutLosses(seed: number): Promise<number[]> {
    const { compile } = await useBackend("ort", { threads: 2 });
    const model = tf.sequential({
      layers: [
        tf.layers.dropout({ rate: 0.25, inputShape: [1000], name: "drop" }),
        dense({ units: 1, useBias: false, name: "mean", kernelInitializer: "ones" }),
      ],
    });
    const loss = (_target: tf.Tensor, prediction: tf.Tensor) => prediction.div(1000);
    const module = layersModule(model, { loss, optimizerConfig: sgd(0) });
    const [ones, zeros] = [tf.ones([8, 1000]), tf.zeros([8, 1])];
    const loader = createLoader({
      dataset: await tensorDataset({ x: ones, y: zeros }),
      batchSize: 2,
      seed: 0,
    });
    tf.dispose([ones, zeros]);
    const logger = recordingLogger();
    const options = { ...quiet, seed, compile, maxEpochs: 1, loggers: [logger], logEveryNSteps: 1 };
    await new Trainer(options).fit(module, { trainLoader: loader, valLoader: loader });
    model.dispose();
    const rows = logger.rows.map(({ metrics }) => metrics["train/loss"] ?? metrics["val/loss"]!);
    return rows;
  }

  it("drops out other units in every step, by the seed, and none in evaluation", async () => {
    const losses = await dropoutLosses(3);
    expect(await dropoutLosses(3)).to.deep.equal(losses);
    expect(await dropoutLosses(2)).to.not.deep.equal(losses);
    const training = losses.slice(0, 4);
    expect(new Set(training).size).to.equal(4);
    // the mean of 2000 factors, 0 or 4/3, has deviation sqrt(1/3 / 2000) = 0.013
    for (const loss of training) expect(loss).to.be.closeTo(1, 0.065);
    expect(losses.at(-1)).to.be.closeTo(1, 1e-6);
  });
});

describe("layersModule() refuses", () => {
  const { dropout, gaussianNoise, lstm, timeDistributed } = tf.layers;
  const input = { inputShape: [4, 3] };
  const refused: [title: string, layers: () => tf.layers.Layer[], message: string][] = [
    ["noise", () => [gaussianNoise({ ...input, stddev: 1, name: "noise" })], '"noise" (Gaussian'],
    [
      "dropout inside a recurrent layer",
      () => [lstm({ ...input, units: 2, recurrentDropout: 0.5, name: "memory" })],
      '"memory" (LSTM)',
    ],
    [
      "dropout inside a wrapper",
      () => [timeDistributed({ ...input, layer: dropout({ rate: 0.5 }), name: "each" })],
      '"each" (TimeDistributed)',
    ],
    [
      "dropout inside another model",
      () => [tf.sequential({ layers: [dropout({ ...input, rate: 0.5 })], name: "inner" })],
      '"inner" (Sequential)',
    ],
    [
      "layers that remember the last batch",
      () => [Object.defineProperty(dense({ ...input, units: 2 }), "stateful", { value: true })],
      "stateful: false",
    ],
    [
      "dropout of a shape of its own",
      () => [dropout({ ...input, rate: 0.5, noiseShape: [1, 4, 3], name: "drop" })],
      "without noiseShape",
    ],
    [
      "dropout of an input whose size is not known",
      () => [dropout({ inputShape: [null, 3], rate: 0.5, name: "drop" })],
      "got [null, null, 3]",
    ],
  ];
  for (const [title, layers, message] of refused) {
    it(title, () => {
      const model = tf.sequential({ layers: layers() });
      const make = () => layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
      expect(make).to.throw(TypeError, message);
      model.dispose();
    });
  }

  it("a dropout layer at two places", () => {
    const drop = dropout({ rate: 0.5, name: "drop" });
    const start = tf.input({ shape: [3] });
    const outputs = [drop.apply(drop.apply(start))].flat();
    const symbolic = outputs.filter((each) => each instanceof tf.SymbolicTensor);
    const model = tf.model({ inputs: start, outputs: symbolic });
    const make = () => layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    expect(make).to.throw(TypeError, "expected it at one place of the model, got 2");
    model.dispose();
  });
});
