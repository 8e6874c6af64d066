import { expect } from "chai";
import { Trainer } from "seedbed";

import { learningRateMonitor } from "../../callbacks/learningRateMonitor.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

async function rates(loggingInterval: "step" | "epoch"): Promise<[number, number | undefined][]> {
  const logger = recordingLogger();
  const module = toyModule({
    optimizer: { name: "sgd", learningRate: 0.5 },
    lrSchedule: (step) => 2 ** -step,
  });
  const trainer = new Trainer({
    maxSteps: 6,
    logEveryNSteps: 2,
    loggers: [logger],
    callbacks: [learningRateMonitor({ loggingInterval })],
    print: () => {},
  });
  await trainer.fit(module, { trainLoader: toyLoader(3) });
  module.dispose();
  return logger.rows
    .filter(({ metrics }) => "lr-sgd" in metrics)
    .map(({ step, metrics }) => [step, metrics["lr-sgd"]]);
}

describe("learningRateMonitor()", () => {
  it("logs the rate of every logged step", async () => {
    expect(await rates("step")).to.deep.equal([
      [2, 0.25],
      [4, 0.0625],
      [6, 0.015625],
    ]);
  });

  it("logs the first rate of every epoch", async () => {
    expect(await rates("epoch")).to.deep.equal([
      [1, 0.5],
      [4, 0.0625],
    ]);
  });
});
