import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { weightHistograms } from "../../../callbacks/weightHistograms.ts";
import { adam } from "../../../framework/optim/optimizers/adam.ts";
import { sgd } from "../../../framework/optim/optimizers/sgd.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { checkpointName } from "../../../framework/training/checkpointFolder.ts";
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

  it("reaches every multiple of an interval, though two optimizers make steps of two", async () => {
    const logger = recordingLogger();
    const validated: number[] = [];
    const saved: string[] = [];
    const estimates: number[] = [];
    const looking: Callback = {
      name: "looking",
      onTrainStart: ({ estimatedSteps }) => void estimates.push(estimatedSteps),
      onValidationEnd: ({ step }) => void validated.push(step),
      onCheckpointSaved: (_state, name) => void saved.push(name),
    };
    const { module, dispose } = pair();
    const trainer = new Trainer({
      ...quiet,
      maxEpochs: 2,
      logEveryNSteps: 3,
      valCheckInterval: 3,
      checkValEveryNEpoch: null,
      loggers: [logger],
      checkpointsFolder: folder.path(),
      callbacks: [
        looking,
        modelCheckpoint({ everyNTrainSteps: 3, saveTopK: -1, saveLast: false }),
        weightHistograms({ everyNSteps: 3 }),
      ],
    });
    const validationStep = (): Record<string, tf.Scalar> => ({ one: tf.scalar(1) });
    await trainer.fit({ ...module, validationStep }, { trainLoader: one, valLoader: one });
    const trained = logger.rows.filter(({ metrics }) => "train/upLoss" in metrics);
    const multiples = [4, 6, 10, 12]; // the first steps from 3, 6, 9 and 12 on
    expect(trained.map(({ step }) => step)).to.deep.equal(multiples);
    expect(validated).to.deep.equal(multiples);
    expect(saved).to.deep.equal(multiples.map((step) => checkpointName(step)));
    expect([...new Set(logger.histograms.map(({ step }) => step))]).to.deep.equal(multiples);
    expect(estimates).to.deep.equal([12]);
    dispose();
  });

  it("corrects an optimizer's bias by its own updates, when another one is never stepped", async () => {
    const values: number[] = [];
    for (const names of [["up"], ["up", "idle"]]) {
      const weight = tf.tidy(() => tf.variable(tf.scalar(0)));
      const parameters = new Map([["w", weight]]);
      const module: ManualTrainingModule = {
        trainableParameters: () => parameters,
        configureOptimizers: () => names.map((name) => ({ name, optimizer: adam(), parameters })),
        manualTrainingStep: (_batch, { optimizers: [up] }) => ({
          loss: up!.minimize(() => weight.square().sub(weight).asScalar()),
        }),
      };
      await new Trainer({ ...quiet, maxEpochs: 2 }).fit(module, { trainLoader: one });
      values.push(weight.dataSync()[0]!);
      weight.dispose();
    }
    expect(values[1]).to.equal(values[0]);
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
