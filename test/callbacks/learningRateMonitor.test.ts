import { expect } from "chai";
import {
  createOptimizer,
  Trainer,
  type Callback,
  type LrSchedule,
  type LrScheduleConfig,
  type ManualTrainingModule,
  type Optimizer,
} from "seedbed";

import { backboneFinetuning } from "../../callbacks/backboneFinetuning.ts";
import {
  learningRateMonitor,
  type LearningRateMonitorOptions,
} from "../../callbacks/learningRateMonitor.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

const made = (name: string, options: object): Optimizer => createOptimizer({ name, ...options });

/** What the monitor logs in a fit with epochs of 3 steps, whose rates are halved at each step. */
async function logged(
  options: Partial<LearningRateMonitorOptions>,
  optimizer: Optimizer = made("sgd", { learningRate: 0.5 }),
  {
    others = [],
    lrSchedule = (step) => 2 ** -step,
  }: { others?: readonly Callback[]; lrSchedule?: LrSchedule | LrScheduleConfig } = {},
): Promise<[number, Record<string, number>][]> {
  const logger = recordingLogger();
  const module = toyModule();
  const trainer = new Trainer({
    maxSteps: 6,
    logEveryNSteps: 2,
    loggers: [logger],
    callbacks: [learningRateMonitor(options), ...others],
    print: () => {},
  });
  const changed = { ...module, configureOptimizers: () => ({ optimizer, lrSchedule }) };
  await trainer.fit(changed, { trainLoader: toyLoader(3) });
  module.dispose();
  return logger.rows
    .map(({ step, metrics }): [number, [string, number][]] => [
      step,
      Object.entries(metrics).filter(([name]) => /^(lr-|rate$)/.test(name)),
    ])
    .filter(([, entries]) => entries.length > 0)
    .map(([step, entries]) => [step, Object.fromEntries(entries)]);
}

describe("learningRateMonitor()", () => {
  for (const loggingInterval of [null, "step"] as const) {
    it(`logs the rate of every logged step, for ${loggingInterval}`, async () => {
      expect(await logged({ loggingInterval })).to.deep.equal([
        [2, { "lr-sgd": 0.25 }],
        [4, { "lr-sgd": 0.0625 }],
        [6, { "lr-sgd": 0.015625 }],
      ]);
    });
  }

  it("logs the first rate of every epoch", async () => {
    expect(await logged({ loggingInterval: "epoch" })).to.deep.equal([
      [1, { "lr-sgd": 0.5 }],
      [4, { "lr-sgd": 0.0625 }],
    ]);
  });

  it("follows the schedule's interval and takes its name", async () => {
    const byEpochs: LrScheduleConfig = {
      schedule: (epoch) => 2 ** -epoch,
      interval: "epoch",
      frequency: 1,
      strict: true,
      name: "rate",
    };
    expect(await logged({}, undefined, { lrSchedule: byEpochs })).to.deep.equal([
      [1, { rate: 0.5 }],
      [4, { rate: 0.25 }],
    ]);
  });

  it("follows the interval of each optimizer's schedule", async () => {
    const logger = recordingLogger();
    const module = toyModule();
    const parameters = module.trainableParameters();
    const manual: ManualTrainingModule = {
      trainableParameters: () => parameters,
      configureOptimizers: () =>
        (["step", "epoch"] as const).map((interval) => ({
          name: interval,
          optimizer: made("sgd", { learningRate: 0.5 }),
          lrSchedule: { schedule: (ticks) => 2 ** -ticks, interval, frequency: 1, strict: true },
        })),
      manualTrainingStep(batch, context) {
        const loss = () => module.trainingStep(batch, context).loss;
        for (const optimizer of context.optimizers) optimizer.minimize(loss);
        return {};
      },
    };
    const trainer = new Trainer({
      maxEpochs: 2,
      logEveryNSteps: 4,
      loggers: [logger],
      callbacks: [learningRateMonitor()],
      print: () => {},
    });
    await trainer.fit(manual, { trainLoader: toyLoader(2) });
    module.dispose();
    const seen = (name: string) =>
      logger.rows.flatMap(({ step, metrics }) => (name in metrics ? [[step, metrics[name]]] : []));
    expect(seen("lr-step")).to.deep.equal([
      [4, 0.25],
      [8, 0.0625],
    ]);
    expect(seen("lr-epoch")).to.deep.equal([
      [2, 0.5],
      [6, 0.25],
    ]);
  });

  for (const [name, options, momentum, weightDecay] of [
    ["sgd", { momentum: 0.75, weightDecay: 0.125 }, 0.75, 0.125],
    ["rmsProp", { momentum: 0.75, weightDecay: 0.125 }, 0.75, 0.125],
    ["adam", { betas: [0.5, 0.9] }, 0.5, 0],
    ["adamW", { betas: [0.5, 0.9], weightDecay: 0.25 }, 0.5, 0.25],
    ["adam8bit", { betas: [0.5, 0.9], weightDecay: 0.25 }, 0.5, 0.25],
    ["lion", { betas: [0.5, 0.9], weightDecay: 0.25 }, 0.5, 0.25],
    ["adafactor", { beta1: 0.5, weightDecay: 0.25 }, 0.5, 0.25],
  ] as const) {
    it(`can log momentum and weight decay of ${name}`, async () => {
      const rows = await logged({ logMomentum: true, logWeightDecay: true }, made(name, options));
      expect(rows[0]![1]).to.include({
        [`lr-${name}-momentum`]: momentum,
        [`lr-${name}-weightDecay`]: weightDecay,
      });
    });
  }

  it("tells groups of parameters apart", async () => {
    const optimizer = made("adamW", {
      learningRate: 0.5,
      weightDecay: 0.25,
      groups: [{ parameters: "bias", learningRate: 0.25, weightDecay: 0 }],
    });
    const rows = await logged({ loggingInterval: "epoch", logWeightDecay: true }, optimizer);
    expect(rows[0]).to.deep.equal([
      1,
      {
        "lr-adamW/pg1": 0.5,
        "lr-adamW/pg1-weightDecay": 0.25,
        "lr-adamW/pg2": 0.25,
        "lr-adamW/pg2-weightDecay": 0,
      },
    ]);
  });

  it("logs what parameters have that are frozen or trained apart", async () => {
    const hidden = { parameters: "hidden", unfreezeBackboneAtStep: 3 };
    const [, ...rows] = await logged({}, undefined, { others: [backboneFinetuning(hidden)] });
    expect(rows).to.deep.equal([
      [4, { "lr-sgd": 0.0625, "lr-sgd/backboneFinetuning(hidden)": 0.0625 * 0.1 }],
      [6, { "lr-sgd": 0.015625, "lr-sgd/backboneFinetuning(hidden)": 0.015625 * 0.1 }],
    ]);
    const frozen = { parameters: "hidden" };
    const [first] = await logged({}, undefined, { others: [backboneFinetuning(frozen)] });
    expect(first).to.deep.equal([2, { "lr-sgd": 0.25, "lr-sgd/backboneFinetuning(hidden)": 0 }]);
  });

  it("needs a logger", async () => {
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 1,
      callbacks: [learningRateMonitor()],
      print: () => {},
    });
    const error = await trainer.fit(module, { trainLoader: toyLoader(1) }).catch(String);
    module.dispose();
    expect(error).to.include("Cannot log the learning rate: expected a logger, got none");
  });
});
