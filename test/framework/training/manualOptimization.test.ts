import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { sgd } from "../../../framework/optim/optimizers/sgd.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type {
  ManualTrainingModule,
  TrainingModule,
} from "../../../framework/training/trainingModule.ts";
import { quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { recordingLogger } from "../../support/toyTraining.ts";

const one = { length: 3, batch: async () => ({ x: { shape: [1], values: Float32Array.of(1) } }) };

/** Two numbers, each with an optimizer: `a` goes up by 1, `b` towards `a`. */
function pair(step?: ManualTrainingModule["manualTrainingStep"]) {
  const a = tf.tidy(() => tf.variable(tf.scalar(0)));
  const b = tf.tidy(() => tf.variable(tf.scalar(0)));
  const module: ManualTrainingModule = {
    trainableParameters: () =>
      new Map([
        ["a", a],
        ["b", b],
      ]),
    configureOptimizers: () => [
      { name: "up", optimizer: sgd({ learningRate: 1 }), parameters: new Map([["a", a]]) },
      {
        name: "follow",
        optimizer: sgd({ learningRate: 0.5, momentum: 0.5 }),
        parameters: new Map([["b", b]]),
      },
    ],
    manualTrainingStep:
      step ??
      ((_batch, { optimizers: [up, follow] }) => ({
        upLoss: up!.minimize(() => a.neg().asScalar()),
        followLoss: follow!.minimize(() => b.sub(a).square().div(2).asScalar()),
      })),
  };
  const values = () => [a.dataSync()[0], b.dataSync()[0]];
  return { module, values, dispose: () => tf.dispose([a, b]) };
}

describe("manualTrainingStep()", () => {
  it("steps several optimizers; the second sees what the first did", async () => {
    const { module, values, dispose } = pair();
    await new Trainer({ ...quiet, maxEpochs: 1 }).fit(module, { trainLoader: one });
    // by hand: a is 1, 2, 3; b's gradients -1, -1.5, -1.5, its velocities -1, -2, -2.5
    expect(values()).to.deep.equal([3, 2.75]);
    dispose();
  });

  it("counts each optimizer's step: 2 optimizers, 3 batches, 6 steps", async () => {
    const { module, dispose } = pair();
    const all = await new Trainer({ ...quiet, maxEpochs: 1 }).fit(module, { trainLoader: one });
    expect(all.step).to.equal(6);
    const four = await new Trainer({ ...quiet, maxSteps: 4 }).fit(module, { trainLoader: one });
    expect([four.step, four.stopReason]).to.deep.equal([4, "maxSteps"]);
    dispose();
  });

  it("logs what it returns", async () => {
    const logger = recordingLogger();
    const { module, dispose } = pair();
    const options = { ...quiet, maxEpochs: 1, loggers: [logger], logEveryNSteps: 1 };
    await new Trainer(options).fit(module, { trainLoader: one });
    expect(logger.rows.map(({ metrics }) => metrics["train/upLoss"])).to.deep.equal([-0, -1, -2]);
    dispose();
  });

  it("keeps each optimizer's state in checkpoints", async () => {
    const whole = pair();
    await new Trainer({ ...quiet, maxEpochs: 2 }).fit(whole.module, { trainLoader: one });
    const options = { ...quiet, checkpointsFolder: folder.path(), callbacks: [modelCheckpoint()] };
    const parts = pair();
    await new Trainer({ ...options, maxEpochs: 1 }).fit(parts.module, { trainLoader: one });
    const resumed = pair();
    await new Trainer({ ...options, maxEpochs: 2 }).fit(resumed.module, {
      trainLoader: one,
      resumeFrom: folder.path("step-0000006"),
    });
    expect(resumed.values()).to.deep.equal(whole.values());
    for (const { dispose } of [whole, parts, resumed]) dispose();
  });
  const folder = temporaryFolder();

  const wrong: [
    title: string,
    step: ManualTrainingModule["manualTrainingStep"],
    message: string,
  ][] = [
    ["no optimizer's step", () => ({}), "stepped no optimizer"],
    [
      "two steps of one optimizer",
      (_batch, { optimizers: [up] }) => {
        up!.step(new Map());
        up!.step(new Map());
        return {};
      },
      'Cannot step optimizer "up" twice in one batch',
    ],
  ];
  for (const [title, step, message] of wrong) {
    it(`refuses ${title}`, async () => {
      const { module, dispose } = pair(step);
      const fit = new Trainer({ ...quiet, maxSteps: 1 }).fit(module, { trainLoader: one });
      expect(await fit.catch(String)).to.include(message);
      dispose();
    });
  }

  it("refuses accumulation and clipping, which it does itself", async () => {
    const { module, dispose } = pair();
    for (const options of [{ accumulateGradBatches: 2 }, { gradientClipVal: 1 }]) {
      const fit = new Trainer({ ...quiet, maxSteps: 1, ...options }).fit(module, {
        trainLoader: one,
      });
      expect(await fit.catch(String)).to.include("expected neither");
    }
    dispose();
  });

  it("is needed for several optimizers", async () => {
    const { module, dispose } = pair();
    const automatic: TrainingModule = {
      trainableParameters: () => module.trainableParameters(),
      configureOptimizers: () => module.configureOptimizers(),
      trainingStep: () => ({ loss: tf.scalar(0) }),
    };
    const fit = new Trainer({ ...quiet, maxSteps: 1 }).fit(automatic, { trainLoader: one });
    expect(await fit.catch(String)).to.include("several need a manualTrainingStep");
    dispose();
  });
});
