import { readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { findLastCheckpoint, hostTensor, Trainer, type TrainerOptions } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { spikeDetection, type SpikeDetectionOptions } from "../../callbacks/spikeDetection.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyModule } from "../support/toyTraining.ts";

describe("spikeDetection()", () => {
  const folder = temporaryFolder();

  /** Fits with these losses, one a batch in epochs of four, and gives the step it ended after. */
  async function fit(
    losses: readonly number[],
    options: Partial<SpikeDetectionOptions> = {},
    { maxSteps = losses.length, ...extra }: TrainerOptions = {},
  ): Promise<number | string> {
    const toy = toyModule({ optimizer: { name: "sgd", learningRate: 0 } });
    const bias = toy.trainableParameters().get("output.bias")!;
    const module = {
      ...toy,
      trainingStep: ({ loss }: tf.NamedTensorMap) => ({
        loss: loss!.add(bias.mul(0)).mean<tf.Scalar>(),
      }),
    };
    delete module.prepareBatch;
    const trainLoader = {
      length: 4,
      batch: async (epoch: number, index: number) => ({
        loss: hostTensor(Float32Array.of(losses[4 * epoch + index]!), [1]),
      }),
    };
    const trainer = new Trainer({
      maxSteps,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [spikeDetection(options), modelCheckpoint({ everyNTrainSteps: 1 })],
      print: () => {},
      ...extra,
    });
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    try {
      return (await trainer.fit(module, { trainLoader, resumeFrom })).step;
    } catch (error) {
      return String(error);
    } finally {
      toy.dispose();
    }
  }

  const smooth: [title: string, losses: number[], Partial<SpikeDetectionOptions>][] = [
    ["a loss that falls", [8, 4, 2, 1], {}],
    ["a rise of less than twice the mean", [1, 1, 1, 2.9], {}],
    ["what is far from the mean and better than the step before", [9, 30, 1, 1], { warmup: 2 }],
    ["a rise of less than atol", [1, 1, 1, 5], { rtol: null, atol: 5 }],
    ["a rise while it warms up", [1, 1, 9, 2], { warmup: 3 }],
    ["a fall in mode min", [10, 10, 10, 0.1], { rtol: 0.5 }],
  ];
  for (const [title, losses, options] of smooth) {
    it(`lets pass ${title}`, async () => {
      expect(await fit(losses, options)).to.equal(losses.length);
    });
  }

  const spikes: [title: string, losses: number[], Partial<SpikeDetectionOptions>, RegExp][] = [
    ["a rise of twice the mean", [1, 2, 3, 6], {}, /near 2 at step 4, got 6; lower/],
    ["a rise of atol", [1, 1, 1, 6], { rtol: null, atol: 5 }, /near 1 at step 4, got 6/],
    ["one from the mean of the window alone", [9, 1, 1, 3], { window: 2 }, /near 1 at step 4/],
    ["a fall in mode max", [9, 9, 9, 1], { mode: "max", rtol: 0.5 }, /near 9 at step 4, got 1/],
  ];
  for (const [title, losses, options, message] of spikes) {
    it(`ends the fit at ${title}`, async () => {
      expect(await fit(losses, options)).to.match(message);
    });
  }

  it("writes down the batches of the last two steps", async () => {
    expect(await fit([1, 1, 1, 1, 9, 9], {}, { accumulateGradBatches: 2 })).to.include(
      "spike.json",
    );
    expect(JSON.parse(readFileSync(folder.path("spike.json"), "utf8"))).to.deep.equal({
      step: 3,
      loss: 9,
      batches: [2, 3]
        .map((index) => ({ epoch: 0, index }))
        .concat([0, 1].map((index) => ({ epoch: 1, index }))),
    });
  });

  it("goes on when the fit is resumed", async () => {
    expect(await fit([1, 2, 3, 6], {}, { maxSteps: 3 })).to.equal(3);
    expect(await fit([1, 2, 3, 6])).to.include("near 2 at step 4");
    expect(readFileSync(folder.path("spike.json"), "utf8").match(/"index"/g)).to.have.length(2);
  });
});
