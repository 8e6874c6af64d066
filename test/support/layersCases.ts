/** @file Models of TF.js's layers that are trained by `model.fit` and by our Trainer. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  createLoader,
  createOptimizer,
  layersModule,
  RandomStream,
  tensorDataset,
  Trainer,
  type DataLoader,
  type LayersModuleOptions,
  type Optimizer,
  type TrainerOptions,
} from "seedbed";

import { quiet } from "./fitToy.ts";
import { recordingLogger } from "./toyTraining.ts";

export const batchSize = 4;
const examples = 12;
const learningRate = 0.02;
export const sgd = (rate: number = learningRate): { optimizer: Optimizer } => {
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
export function setWeights(model: tf.LayersModel): tf.LayersModel {
  tf.tidy(() =>
    model.setWeights(
      model.weights.map(({ shape }, i) => uniform(`weight ${i}`, knownShape(shape)).add(0.25)),
    ),
  );
  return model;
}

export interface LayersCase {
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

export const x = (): tf.Tensor => uniform("x", [examples, 3]);
export const cases: LayersCase[] = [
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
export async function byTfjs(each: LayersCase): Promise<{ losses: number[]; weights: number[] }> {
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
export async function byTrainer(
  each: LayersCase,
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

export async function loaderOf(each: LayersCase): Promise<DataLoader> {
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

/** To 1e-4. */
export function expectClose(got: readonly number[], want: readonly number[]): void {
  expect(got.length).to.equal(want.length);
  for (const [i, value] of want.entries()) expect(got[i], `number ${i}`).to.be.closeTo(value, 1e-4);
}
