import { expect } from "chai";

import { at, fitToy } from "../../support/fitToy.ts";
import { recordingLogger } from "../../support/toyTraining.ts";

describe("Trainer: rows of training metrics", () => {
  it("logs training rows at multiples of the interval, and the last", async () => {
    const logger = recordingLogger();
    await fitToy({ maxSteps: 8, logEveryNSteps: 3, loggers: [logger] });
    expect(logger.rows.map(({ step, epoch }) => [step, epoch])).to.deep.equal([
      [3, 0],
      [6, 1],
      [8, 1],
    ]);
  });

  it("logs the mean over an accumulation window", async () => {
    const logger = recordingLogger();
    const frozen = { optimizer: { name: "sgd", learningRate: 0 } };
    const options = { maxEpochs: 1, logEveryNSteps: 1, loggers: [logger], module: frozen };
    await fitToy(options);
    await fitToy({ ...options, accumulateGradBatches: 4 });
    const losses = logger.rows.map(({ metrics }) => metrics["train/loss"]!);
    const [a, b, c, d, mean] = losses;
    expect(mean).to.be.closeTo((a! + b! + c! + d!) / 4, 1e-12);
  });

  it("puts what callbacks log into the row of the step", async () => {
    const logger = recordingLogger();
    const logging = at("onTrainBatchEnd", (state) => state.log("mine", state.step * 10));
    await fitToy({ maxSteps: 4, logEveryNSteps: 2, loggers: [logger], callbacks: [logging] });
    expect(logger.rows.map(({ step, metrics }) => [step, metrics["mine"]])).to.deep.equal([
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    expect(logger.rows[1]!.metrics).to.have.property("train/loss");
    expect(logger.rows[0]!.metrics).to.have.keys("mine");
  });

  it("follows the learning-rate schedule", async () => {
    const logger = recordingLogger();
    const module = {
      optimizer: { name: "sgd", learningRate: 0.5 },
      lrSchedule: (step: number) => 1 / (step + 1),
    };
    await fitToy({ maxSteps: 3, logEveryNSteps: 1, loggers: [logger], module });
    expect(logger.rows.map(({ metrics }) => metrics["train/learningRate"])).to.deep.equal([
      0.5,
      0.25,
      0.5 / 3,
    ]);
  });
});
