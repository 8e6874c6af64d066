import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import type { LrScheduleConfig } from "../../../framework/optim/lrSchedule.ts";
import { createLrScheduleConfig } from "../../../framework/optim/lrSchedules/index.ts";
import { sgd } from "../../../framework/optim/optimizers/sgd.ts";
import { LrClock } from "../../../framework/training/lrClock.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import { at, fitToy } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../../support/toyTraining.ts";

const halving = (config: Partial<LrScheduleConfig>): LrScheduleConfig => ({
  schedule: (ticks) => 0.5 ** ticks,
  ...config,
});

/** Learning rates of each optimizer step, from 1. */
async function ratesOf(
  lrSchedule: LrScheduleConfig,
  options: TrainerOptions & { batches: number },
) {
  const rates: number[] = [];
  const looking = at("onTrainBatchEnd", (state) => {
    if (state.stepFinished) rates.push(state.learningRate);
  });
  const optimizer = { optimizer: sgd({ learningRate: 1e-3 }), lrSchedule };
  const overrides = { configureOptimizers: () => optimizer };
  await fitToy({ overrides, callbacks: [looking], ...options });
  return rates.map((rate) => rate * 1000);
}

describe("learning-rate schedules", () => {
  const table: [title: string, config: Partial<LrScheduleConfig>, object, rates: number[]][] = [
    ["each step", {}, { maxEpochs: 1, batches: 3 }, [1, 0.5, 0.25]],
    [
      "every second step, counted anew in each epoch",
      { frequency: 2 },
      { maxEpochs: 2, batches: 3 },
      [1, 1, 0.5, 0.5, 0.5, 0.25],
    ],
    [
      "every second batch that updates: with windows of 3 in 6 only at batch 6",
      { frequency: 2 },
      { maxEpochs: 2, batches: 6, accumulateGradBatches: 3 },
      [1, 1, 0.5, 0.5],
    ],
    [
      "each epoch",
      { interval: "epoch" },
      { maxEpochs: 3, batches: 2 },
      [1, 1, 0.5, 0.5, 0.25, 0.25],
    ],
    [
      "every second epoch",
      { interval: "epoch", frequency: 2 },
      { maxEpochs: 4, batches: 1 },
      [1, 1, 0.5, 0.5],
    ],
  ];
  for (const [title, config, options, rates] of table) {
    it(`go on after ${title}`, async () => {
      expect(await ratesOf(halving(config), { batches: 0, ...options })).to.deep.equal(rates);
    });
  }

  it("of epochs go on with the last batch, those after a metric with the epoch's end", () => {
    const clock = new LrClock(halving({ interval: "epoch" }));
    clock.pass({ at: "epochEnd", epoch: 0 }, {}, () => {});
    expect(clock.factor).to.equal(1);
    clock.pass({ at: "lastBatch", epoch: 0 }, {}, () => {});
    expect(clock.factor).to.equal(0.5);
  });
});

describe("a module's learning-rate schedule", () => {
  const plateau = { factor: 1, update() {}, stateDict: () => ({}), loadStateDict() {} };

  it("counts steps, or epochs where it follows a metric, unless told otherwise", () => {
    expect(new LrClock({ schedule: () => 1 }).interval).to.equal("step");
    expect(new LrClock({ schedule: plateau, monitor: "val/loss" }).interval).to.equal("epoch");
  });

  const refused: [config: object, problem: string][] = [
    [{ interval: "batch" }, 'expected interval to be "step" or "epoch", got "batch"'],
    [{ frequency: 0 }, "expected frequency to be an integer >= 1, got 0"],
    [{ frequency: 1.5 }, "expected frequency to be an integer >= 1, got 1.5"],
    [{ monitor: "val/loss" }, "expected no monitor, since it follows no metric, got val/loss"],
    [{ schedule: plateau }, "expected monitor to name the metric that it follows, got none"],
  ];
  for (const [config, problem] of refused) {
    it(`is refused: ${problem}`, async () => {
      const optimizer = { optimizer: sgd({ learningRate: 1e-3 }), lrSchedule: halving(config) };
      const overrides = { configureOptimizers: () => optimizer };
      expect(await fitToy({ overrides, maxSteps: 1 }).catch(String)).to.include(problem);
    });
  }
});

describe("reduceOnPlateau in a fit", () => {
  const folder = temporaryFolder();
  const plateau = (options: object = {}): LrScheduleConfig =>
    createLrScheduleConfig({
      name: "reduceOnPlateau",
      monitor: "score",
      patience: 0,
      factor: 0.5,
      ...options,
    });
  /** Scores 3, 2, 2, 2 at the ends of the epochs. */
  const scoring = at("onTrainEpochEnd", (state) => state.log("score", state.epoch === 0 ? 3 : 2));

  /** Rates of epochs of one step. */
  async function fitScored(schedule: LrScheduleConfig, maxEpochs: number, resumeFrom?: string) {
    const module = toyModule();
    const rates: number[] = [];
    const trainer = new Trainer({
      maxEpochs,
      print: () => {},
      checkpointsFolder: folder.path(),
      callbacks: [
        scoring,
        at("onTrainBatchEnd", ({ learningRate }) => rates.push(learningRate)),
        modelCheckpoint({ saveTopK: -1 }),
      ],
    });
    const configureOptimizers = () => ({
      optimizer: sgd({ learningRate: 1 }),
      lrSchedule: schedule,
    });
    const fitted = { ...module, configureOptimizers };
    try {
      await trainer.fit(fitted, { trainLoader: toyLoader(1), resumeFrom });
    } finally {
      module.dispose();
    }
    return rates;
  }

  it("sees what is logged at the epoch's end", async () => {
    expect(await fitScored(plateau(), 5)).to.deep.equal([1, 1, 1, 0.5, 0.25]);
  });

  it("goes on exactly after a resume", async () => {
    await fitScored(plateau(), 3);
    expect(await fitScored(plateau(), 5, folder.path("step-0000003"))).to.deep.equal([0.5, 0.25]);
  });

  it("refuses a metric that was never logged, naming those that were", async () => {
    const error = await fitScored(plateau({ monitor: "val/los" }), 1).catch(String);
    expect(error).to.include('Cannot change the learning rate after "val/los"');
    expect(error).to.include("score");
  });

  it("leaves a missing metric out when not strict", async () => {
    const schedule = plateau({ monitor: "val/los", strict: false });
    expect(await fitScored(schedule, 3)).to.deep.equal([1, 1, 1]);
  });
});
