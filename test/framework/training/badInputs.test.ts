import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { ManualTrainingModule, TrainingModule } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import type { Example } from "../../../framework/data/dataset.ts";
import type { IterableDataset } from "../../../framework/data/iterableDataset.ts";
import { iterableLoader } from "../../../framework/data/iterableLoader.ts";
import { findLastCheckpoint } from "../../../framework/training/checkpointFolder.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { fitToy, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../../support/toyTraining.ts";

describe("a fit refuses", () => {
  const modules: [title: string, Partial<TrainingModule & ManualTrainingModule>, string][] = [
    [
      "a module without an optimizer",
      { configureOptimizers: () => [] },
      "Cannot train: configureOptimizers() gave no optimizer",
    ],
    [
      "a module that gives null for its optimizer",
      { configureOptimizers: () => JSON.parse("null") },
      "expected configureOptimizers() to give { optimizer }, or a list of these, got null",
    ],
    [
      "an optimizer in the place of its config",
      { configureOptimizers: () => JSON.parse('{ "name": "sgd", "learningRate": 1 }') },
      "got { name, learningRate }",
    ],
    [
      "a module without parameters",
      { trainableParameters: () => new Map() },
      "trainableParameters() gave no parameter",
    ],
    [
      "a step without a loss",
      { trainingStep: ({ y }) => Object.assign(JSON.parse("{}"), { error: y!.sum() }) },
      'Cannot use what the training step returned: expected "loss", got [error]',
    ],
    [
      "a loss for each example",
      { trainingStep: ({ y }) => ({ loss: y!.mean<tf.Scalar>(-1) }) },
      'Cannot use what the training step returned: expected "loss" to be a scalar, got shape [2]',
    ],
    [
      "a loss that depends on nothing trained",
      { trainingStep: ({ y }) => ({ loss: y!.sum<tf.Scalar>() }) },
      "Cannot train: the loss depends on no trained parameter",
    ],
    [
      "a validation metric that is no number",
      { validationStep: ({ x }) => ({ "val/x": x!.mean<tf.Scalar>(0) }) },
      'Cannot use what validationStep() returned: expected "val/x" to be a scalar, got shape [3]',
    ],
  ];
  for (const [title, overrides, message] of modules) {
    it(title, async () => {
      const error = await fitToy({ maxSteps: 1, validates: true, overrides }).catch(String);
      expect(error).to.include(message);
    });
  }

  it("no training loader, and several", async () => {
    const module = toyModule();
    for (const [trainLoader, message] of [
      ["null", "expected a trainLoader, got none"],
      ["[]", "got a list; combineLoaders() makes one of several"],
    ] as const) {
      const data = { trainLoader: JSON.parse(trainLoader) };
      const error = await new Trainer({ ...quiet, maxSteps: 1 }).fit(module, data).catch(String);
      expect(error).to.include(message);
    }
    module.dispose();
  });

  const example = (): Example => ({
    x: hostTensor(Float32Array.of(1, 2, 3), [3]),
    y: hostTensor(Float32Array.of(6), [1]),
  });
  const streams: [title: string, IterableDataset, message: string][] = [
    ["an iterable that has nothing", { iterate: () => [] }, "has no batch in epoch 0"],
    [
      "an iterable that ends before its length",
      { length: 3, iterate: () => [example()] },
      "the dataset declares 3 examples, but ended after 1; correct its length, or leave it out",
    ],
    [
      "an iterable that throws",
      {
        *iterate() {
          yield example();
          throw new Error("disk full");
        },
      },
      "Cannot load example 1 of epoch 0: disk full",
    ],
  ];
  for (const [title, dataset, message] of streams) {
    it(title, async () => {
      const module = toyModule();
      const trainLoader = iterableLoader({ dataset, batchSize: 1 });
      const trainer = new Trainer({ ...quiet, maxEpochs: 1 });
      expect(await trainer.fit(module, { trainLoader }).catch(String)).to.include(message);
      await trainLoader.dispose?.();
      module.dispose();
    });
  }
});

describe("a checkpoint of another model", () => {
  const folder = temporaryFolder();
  const without = (name: string, toy: TrainingModule) =>
    new Map([...toy.trainableParameters()].filter(([other]) => other !== name));
  const others: [
    title: string,
    parameters: (toy: TrainingModule) => Map<string, tf.Variable>,
    message: RegExp,
  ][] = [
    [
      "with one parameter less",
      (toy) => without("output.bias", toy),
      /Cannot load parameters of .*step-0000001: nothing here is called "output\.bias"; was it saved with another model\?/,
    ],
    [
      "with one parameter more",
      (toy) => new Map([...toy.trainableParameters(), ["more", extra]]),
      /Cannot load parameters of .*: expected a tensor "more", got none; was it saved/,
    ],
    [
      "with a parameter of another shape",
      (toy) => new Map([...without("output.bias", toy), ["output.bias", extra]]),
      /"output\.bias" must have shape \[2\], got \[1\]/,
    ],
  ];
  let extra: tf.Variable;
  before(() => {
    extra = tf.tidy(() => tf.variable(tf.zeros([2])));
  });
  after(() => extra.dispose());

  for (const [title, parameters, message] of others) {
    it(`is refused, ${title}`, async () => {
      const checkpointsFolder = folder.path();
      await fitToy({ maxSteps: 1, checkpointsFolder, callbacks: [modelCheckpoint()] });
      const toy = toyModule();
      const resumeFrom = findLastCheckpoint(checkpointsFolder);
      const error = await new Trainer({ ...quiet, maxSteps: 2 })
        .fit(
          { ...toy, trainableParameters: () => parameters(toy) },
          { trainLoader: toyLoader(2), resumeFrom },
        )
        .catch(String);
      expect(error).to.match(message);
      toy.dispose();
    });
  }
});
