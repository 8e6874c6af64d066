import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLoader, layersModule, tensorDataset, Trainer } from "seedbed";

import { useBackend } from "../../../framework/backend/register.ts";
import { quiet } from "../../support/fitToy.ts";
import { sgd } from "../../support/layersCases.ts";
import { onOrt } from "../../support/parity.ts";
import { recordingLogger } from "../../support/toyTraining.ts";

const { dense } = tf.layers;

describe("dropout in a layersModule(), compiled", () => {
  onOrt();

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
