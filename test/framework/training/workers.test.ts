import { existsSync, readdirSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLoader, hostTensor, InterruptedError } from "seedbed";

import { learningRateMonitor } from "../../../callbacks/learningRateMonitor.ts";
import { onExceptionCheckpoint } from "../../../callbacks/onExceptionCheckpoint.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import {
  curve,
  examples,
  expectClose,
  fitIn,
  fitted,
  fitTogether,
  messages,
  type WorkersFit,
} from "../../support/fitTogether.ts";
import { at, quiet } from "../../support/fitToy.ts";
import { together } from "../../support/memoryWorlds.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyModule } from "../../support/toyTraining.ts";

const failure = { exitCode: 1, isInterrupted: false };

describe("several workers", () => {
  const folder = temporaryFolder();

  describe("train as one with their batches together", () => {
    const cases: { title: string; options: WorkersFit }[] = [
      { title: "over epochs, with noise of each example's own", options: {} },
      { title: "with clipped gradients", options: { gradientClipVal: 0.1 } },
      {
        title: "with accumulated gradients",
        options: { accumulateGradBatches: 2, gradientClipVal: 0.5 },
      },
      { title: "with a last batch left over", options: { examples: 22 } },
    ];
    for (const { title, options } of cases) {
      it(title, async () => {
        const alone = await fitIn(singleProcess, { ...options, batchSize: 8 });
        const [first, second] = fitted(await fitTogether(options));
        for (const name of ["train/loss", "train/absoluteError", "train/gradientNorm"]) {
          expectClose(curve(first!, name), curve(alone, name), 1e-5);
        }
        expect(second!.bytes).to.equal(first!.bytes);
        expect(first!.epochs).to.equal(alone.epochs);
      });
    }
  });

  it("begin with rank 0's parameters", async () => {
    const [first, second] = fitted(
      await together(2, async (world) => {
        const scale = world.rank + 1;
        return fitIn(world, {
          maxSteps: 0,
          change(toy) {
            for (const parameter of toy.trainableParameters().values()) {
              tf.tidy(() => parameter.assign(parameter.mul(scale)));
            }
            return {};
          },
        });
      }),
    );
    expect(second!.bytes).to.equal(first!.bytes);
  });

  it("let rank 0 alone log, though callbacks that need a logger find one everywhere", async () => {
    const callbacks = [learningRateMonitor()];
    const [first, second] = fitted(await fitTogether({ maxSteps: 2, callbacks }));
    expect(curve(first!, "train/loss")).to.have.length(2);
    expect(second!.rows).to.deep.equal([]);
    expect(second!.metrics).to.deep.equal(first!.metrics);
  });

  it("count the samples of all", async () => {
    const counted: WorkersFit = { logEveryNSteps: "16 samples", maxSteps: 4 };
    const [first] = fitted(await fitTogether(counted));
    expect(curve(first!, "train/loss")).to.have.length(2);
  });

  describe("log()", () => {
    for (const { title, options, expected } of [
      { title: "takes the mean", options: {}, expected: 1.5 },
      { title: "reduces by reduceFx", options: { reduceFx: "max" }, expected: 2 },
      { title: "sums", options: { reduceFx: "sum" }, expected: 3 },
      { title: "takes rank 0's value without syncDist", options: { syncDist: false }, expected: 1 },
    ] as const) {
      it(`${title} in training`, async () => {
        const results = await fitTogether({ maxSteps: 1 }, (rank) => ({
          change: (toy) => ({
            trainingStep(batch, context) {
              context.log("mine", rank + 1, options);
              return toy.trainingStep(batch, context);
            },
          }),
        }));
        for (const { metrics } of fitted(results)) expect(metrics["mine"]).to.equal(expected);
      });

      it(`${title} in validation`, async () => {
        const results = await fitTogether({ maxSteps: 1, valLoader: examples(4, 8) }, (rank) => ({
          change: () => ({
            validationStep(_batch, context) {
              context.log("mine", rank + 1, options);
              return {};
            },
          }),
        }));
        for (const { metrics } of fitted(results)) expect(metrics["mine"]).to.equal(expected);
      });
    }
  });

  it("validate each batch once, though they are an odd number and the last is short", async () => {
    const valLoader = createLoader({
      dataset: {
        length: 9,
        get: (index) => ({
          x: hostTensor(Float32Array.of(index, 0, 1), [3]),
          y: hostTensor(Float32Array.of(index), [1]),
        }),
      },
      batchSize: 4,
      seed: 0,
      dropLast: false,
    });
    const alone = await fitIn(singleProcess, { batchSize: 8, maxSteps: 1, valLoader });
    const results = fitted(await fitTogether({ maxSteps: 1, valLoader }));
    for (const { metrics } of results) {
      expect(metrics["val/loss"]).to.be.closeTo(alone.metrics["val/loss"]!, 1e-5);
    }
  });

  describe("stop together", () => {
    it("when one asks for it", async () => {
      const results = await fitTogether({}, (rank) => ({
        callbacks: [at("onTrainBatchEnd", (state) => (state.shouldStop ||= rank + state.step > 2))],
      }));
      expect(fitted(results).map(({ step, stopReason }) => [step, stopReason])).to.deep.equal([
        [2, "stopRequested"],
        [2, "stopRequested"],
      ]);
    });

    it("when the time of one is over", async () => {
      const results = await fitTogether({ maxTime: "10 s" }, (rank) => {
        let ms = 0;
        return { now: () => (ms += 3000 * rank) }; // asked twice a step
      });
      expect(fitted(results).map(({ step }) => step)).to.deep.equal([2, 2]);
    });

    it("when one is interrupted, with one checkpoint", async () => {
      const interrupt = new AbortController();
      const results = await fitTogether({ checkpointsFolder: folder.path("run") }, (rank) => ({
        ...(rank === 1 && { signal: interrupt.signal }),
        callbacks: [
          at("onTrainBatchEnd", ({ step }) => step === 2 && rank === 1 && interrupt.abort()),
        ],
      }));
      for (const error of results) expect(error).to.be.instanceOf(InterruptedError);
      expect(readdirSync(folder.path("run")).toSorted()).to.deep.equal([
        "last.json",
        "step-0000002-interrupted",
      ]);
    });

    it("when one is interrupted in a validation", async () => {
      const interrupt = new AbortController();
      const results = await fitTogether({ valLoader: examples(4), maxSteps: 1 }, (rank) => ({
        ...(rank === 1 && { signal: interrupt.signal }),
        callbacks: [at("onValidationBatchEnd", () => rank === 1 && interrupt.abort())],
      }));
      for (const error of results) expect(error).to.be.instanceOf(InterruptedError);
    });

    it("when the loss of one is broken", async () => {
      const results = await fitTogether({}, (rank) => ({
        change: (toy) => ({
          trainingStep(batch, context) {
            const outputs = toy.trainingStep(batch, context);
            return rank === 1 ? { ...outputs, loss: outputs.loss.mul(Number.NaN) } : outputs;
          },
        }),
      }));
      for (const message of messages(results)) {
        expect(message).to.match(/^Cannot go on after step 1: .* finite loss, got NaN on rank 1;/);
      }
    });
  });

  it("let rank 0 save when another fails, though it waits for its gradients", async () => {
    const results = await together(2, async (world) => {
      try {
        return await fitIn(world, {
          checkpointsFolder: folder.path("run"),
          callbacks: [
            onExceptionCheckpoint(),
            at("onTrainBatchStart", ({ step }) => {
              if (world.rank === 1 && step === 3) throw new Error("out of luck");
            }),
          ],
        });
      } catch (error) {
        const message = error instanceof Error ? error.message : "";
        await world.end(world.rank === 1 ? { ...failure, message } : undefined);
        throw error;
      }
    });
    expect(messages(results)[0]).to.match(/^Cannot go on without rank 1: .*out of luck$/);
    expect(readdirSync(folder.path("run")).toSorted()).to.deep.equal(["exception", "last.json"]);
  });

  it("evaluate with rank 0's other state", async () => {
    const results = await fitTogether({ maxSteps: 1, valLoader: examples(4, 8) }, (rank) => ({
      change() {
        const mean = tf.tidy(() => tf.variable(tf.scalar(0), false));
        return {
          otherState: () => new Map([["mean", mean]]),
          onTrainBatchEnd: () => tf.tidy(() => mean.assign(tf.scalar(rank + 1))),
          validationStep: () => ({ mine: mean.clone() }),
          teardown: () => mean.dispose(),
        };
      },
    }));
    for (const { metrics } of fitted(results)) expect(metrics["mine"]).to.equal(1);
  });

  it("continue from a checkpoint as if nothing had happened", async () => {
    const options = { checkpointsFolder: folder.path("run"), examples: 16 };
    const whole = fitted(
      await fitTogether({ ...options, checkpointsFolder: folder.path("whole") }),
    );
    const save = at("onTrainBatchEnd", (state) => {
      if (state.step === 3) state.saveCheckpoint();
    });
    await fitTogether({ ...options, maxSteps: 3, callbacks: [save] });
    expect(readdirSync(folder.path("run")).toSorted()).to.deep.equal(["last.json", "step-0000003"]);
    const resumed = await fitTogether({
      ...options,
      resumeFrom: folder.path("run", "step-0000003"),
    });
    expect(fitted(resumed)[0]!.bytes).to.equal(whole[0]!.bytes);
    expect(fitted(resumed)[1]!.bytes).to.equal(whole[0]!.bytes);
  });

  it("evaluate the checkpoint that rank 0 has saved", async () => {
    const results = await together(2, async (world) => {
      const module = toyModule();
      try {
        const trainer = new Trainer({
          ...quiet,
          maxSteps: 2,
          world,
          checkpointsFolder: folder.path("run"),
          callbacks: [at("onTrainBatchEnd", (state) => state.saveCheckpoint())],
        });
        await trainer.fit(module, { trainLoader: examples(4) });
        const [metrics] = await trainer.validate(module, examples(4), { checkpoint: "last" });
        return metrics!["val/loss"];
      } finally {
        module.dispose();
      }
    });
    expect(results[0]).to.be.a("number").that.equals(results[1]);
    expect(existsSync(folder.path("run", "last.json"))).to.equal(true);
  });

  describe("refuse", () => {
    const cases: { what: string; own: (rank: number) => WorkersFit; message: string }[] = [
      {
        what: "data of different lengths",
        own: (rank) => ({ examples: 24 - 8 * rank }),
        message:
          "Cannot train together: batches in an epoch of rank 1: 2, of rank 0: 3; all workers need the same data and settings",
      },
      {
        what: "batches of different sizes",
        own: (rank) => ({ batchSize: 4 - rank, examples: 27 - 3 * rank }),
        message:
          "Cannot train together: rank 1 has a batch size of 3, rank 0 of 4; all workers must have the same",
      },
      {
        what: "different seeds",
        own: (rank) => ({ seed: 5 + rank }),
        message:
          "Cannot train together: seed of rank 1: 6, of rank 0: 5; all workers need the same data and settings",
      },
    ];
    for (const { what, own, message } of cases) {
      it(what, async () => {
        expect(messages(await fitTogether({ limitTrainBatches: 3 }, own))).to.deep.equal([
          message,
          message,
        ]);
      });
    }

    it("another number of workers than devices", async () => {
      const message =
        'Cannot build Trainer: devices must be "auto" or 2, as many as there are workers, got 4';
      expect(messages(await fitTogether({ devices: 4 }))).to.deep.equal([message, message]);
    });
  });
});
