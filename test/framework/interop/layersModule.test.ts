import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLoader, layersModule, tensorDataset, Trainer } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { quiet } from "../../support/fitToy.ts";
import {
  batchSize,
  byTfjs,
  byTrainer,
  cases,
  expectClose,
  loaderOf,
  setWeights,
  sgd,
  x,
} from "../../support/layersCases.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("layersModule()", () => {
  const folder = temporaryFolder();

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

  it("refuses layers that remember the last batch", () => {
    const layer = tf.layers.dense({ inputShape: [4, 3], units: 2 });
    const remembering = Object.defineProperty(layer, "stateful", { value: true });
    const model = tf.sequential({ layers: [remembering] });
    const make = () => layersModule(model, { loss: "meanSquaredError", optimizerConfig: sgd() });
    expect(make).to.throw(TypeError, "stateful: false");
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
});
