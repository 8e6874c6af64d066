import { readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { RandomStream, Trainer } from "seedbed";

import { quiet } from "../support/fitToy.ts";
import { recordingLogger } from "../support/toyTraining.ts";
import * as seedbed from "./fitWithSeedbed.ts";
import * as tfjs from "./fitWithTfjs.ts";

const page = readFileSync("docs/from-tfjs.md", "utf8");

/** Points of three classes, and a model of fixed first weights. */
function problem(): { model: tf.LayersModel; x: tf.Tensor; y: tf.Tensor } {
  const random = new RandomStream(1, "from tfjs");
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "tanh", inputShape: [2], name: "hidden" }),
      tf.layers.dense({ units: 3, activation: "softmax", name: "classes" }),
    ],
  });
  tf.tidy(() =>
    model.setWeights([
      tf.tensor(random.normals(16), [2, 8]),
      tf.zeros([8]),
      tf.tensor(random.normals(24), [8, 3]),
      tf.zeros([3]),
    ]),
  );
  const labels = Int32Array.from({ length: 64 }, (_, i) => i % 3);
  const points = Float32Array.from({ length: 128 }, (_, i) => labels[i >> 1]! + random.normal());
  const y = tf.tidy(() => tf.oneHot(labels, 3).toFloat());
  return { model, x: tf.tensor(points, [64, 2]), y };
}

/** What `model.fit` tells its callbacks, without a change to the code that calls it. */
async function lossesByTfjs(): Promise<{ batches: number[]; validations: number[] }> {
  const { model, x, y } = problem();
  const batches: number[] = [];
  const validations: number[] = [];
  const fit = model.fit.bind(model);
  model.fit = (inputs, targets, options) =>
    fit(inputs, targets, {
      ...options,
      yieldEvery: "never",
      callbacks: {
        onBatchEnd: async (_batch, logs) => void batches.push(logs!["loss"]!),
        onEpochEnd: async (_epoch, logs) => void validations.push(logs!["val_loss"]!),
      },
    });
  await tfjs.train(model, x, y);
  model.optimizer.dispose();
  tf.dispose([x, y]);
  model.dispose();
  return { batches, validations };
}

async function lossesBySeedbed(): Promise<{ batches: number[]; validations: number[] }> {
  const { model, x, y } = problem();
  const logger = recordingLogger();
  const options = { ...quiet, maxEpochs: 5, loggers: [logger], logEveryNSteps: 1 };
  await seedbed.train(model, x, y, new Trainer(options));
  tf.dispose([x, y]);
  model.dispose();
  const logged = (name: string): number[] =>
    logger.rows.flatMap(({ metrics }) => (name in metrics ? [metrics[name]!] : []));
  return { batches: logged("train/loss"), validations: logged("val/loss") };
}

describe("docs/from-tfjs.md", () => {
  for (const file of ["fitWithTfjs.ts", "fitWithSeedbed.ts"]) {
    it(`quotes ${file} as it is`, () => {
      expect(page).to.include(
        `\`\`\`ts\n${readFileSync(path.join("test/docs", file), "utf8")}\`\`\``,
      );
    });
  }

  it("gives the losses of model.fit", async () => {
    const want = await lossesByTfjs();
    const got = await lossesBySeedbed();
    expect(want.batches.length).to.equal(20);
    expect(want.validations.length).to.equal(5);
    for (const each of ["batches", "validations"] as const) {
      expect(got[each].length).to.equal(want[each].length);
      for (const [i, loss] of want[each].entries()) expect(got[each][i]).to.be.closeTo(loss, 1e-4);
    }
    expect(want.validations[4]).to.be.below(want.validations[0]!);
  });
});
