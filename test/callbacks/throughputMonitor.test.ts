import { expect } from "chai";
import { Trainer, type Callback, type TrainerOptions } from "seedbed";

import {
  throughputMonitor,
  type ThroughputMonitorOptions,
} from "../../callbacks/throughputMonitor.ts";
import { parameterBytes, recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

/** Rows of a fit, by a clock that goes on as `seconds` says. */
async function rows(
  monitor: Partial<ThroughputMonitorOptions>,
  options: TrainerOptions,
  seconds: { batch: (batch: number) => number; validation: number },
): Promise<Readonly<Record<string, number>>[]> {
  let [nowMs, batches] = [0, 0];
  const clock: Callback = {
    name: "clock",
    onTrainBatchStart: () => void (nowMs += 1000 * seconds.batch(++batches)),
    onValidationBatchStart: () => void (nowMs += 1000 * seconds.validation),
  };
  const logger = recordingLogger();
  const module = toyModule();
  const callbacks = [clock, throughputMonitor(monitor, () => nowMs)];
  const trainer = new Trainer({ ...options, loggers: [logger], callbacks, print: () => {} });
  await trainer.fit(module, { trainLoader: toyLoader(3), valLoader: toyLoader(1) });
  module.dispose();
  return logger.rows.map(({ metrics }) => metrics).filter((metrics) => "train/loss" in metrics);
}

const steady = { batch: () => 0.5, validation: 60 };

describe("throughputMonitor()", () => {
  it("logs what was done and how fast, the first batch aside", async () => {
    const [first, second] = await rows(
      { peakFlops: 4160 },
      { maxSteps: 2, logEveryNSteps: 1 },
      { ...steady, batch: (batch) => (batch === 1 ? 10 : 0.5) },
    );
    expect(first).to.include({ "train/time": 10, "train/batches": 1, "train/samples": 2 });
    expect(first).to.not.have.any.keys("train/batchesPerSecond", "train/flopsPerSecond");
    expect(second).to.include({
      "train/time": 10.5,
      "train/batches": 2,
      "train/samples": 4,
      "train/batchesPerSecond": 2,
      "train/samplesPerSecond": 4,
      // 208 a batch, as modelSummary() has them: 128 forward and 80 backward
      "train/flopsPerSecond": 416,
      "train/flopsUtilization": 0.1,
    });
  });

  it("leaves out the time of validations, and utilization when there is no peak", async () => {
    const [row] = await rows({}, { maxSteps: 6, logEveryNSteps: 6 }, steady);
    expect(row).to.include({ "train/time": 3, "train/batches": 6, "train/batchesPerSecond": 2 });
    expect(row).to.not.have.any.keys("train/flopsUtilization");
  });

  it("measures over the last batches", async () => {
    const growing = { ...steady, batch: (batch: number) => batch / 10 };
    const [row] = await rows({ windowSize: 2 }, { maxSteps: 4, logEveryNSteps: 4 }, growing);
    expect(row!["train/batchesPerSecond"]).to.be.closeTo(2 / (0.3 + 0.4), 1e-9);
  });

  it("counts batches of an accumulation window, and logs at its end", async () => {
    const options = { maxSteps: 2, logEveryNSteps: 1, accumulateGradBatches: 2 };
    const found = await rows({}, options, steady);
    expect(found.map((row) => row["train/batches"])).to.deep.equal([2, 3]);
  });

  it("leaves training as it is", async () => {
    const bytes: string[] = [];
    for (const callbacks of [[], [throughputMonitor()]]) {
      const module = toyModule({ noise: 0.1 });
      const trainer = new Trainer({ maxSteps: 3, callbacks, print: () => {} });
      await trainer.fit(module, { trainLoader: toyLoader(2) });
      bytes.push(await parameterBytes(module));
      module.dispose();
    }
    expect(bytes[1]).to.equal(bytes[0]);
  });
});
