import { expect } from "chai";
import {
  hostTensor,
  Trainer,
  type Callback,
  type TrainerOptions,
  type TrainerState,
  type TrainingModule,
  type TrialStep,
} from "seedbed";

import { at, fitToy, quiet } from "../../support/fitToy.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

const trying = (work: (step: TrialStep) => Promise<unknown>): Callback =>
  at("onFitStart", (state) => state.tryTraining(work));

async function threeSteps(step: TrialStep): Promise<void> {
  for (let i = 0; i < 3; i++) await step(0.5);
}

describe("TrainerState.tryTraining()", () => {
  const options: TrainerOptions = { maxSteps: 3, accumulateGradBatches: 2, gradientClipVal: 1 };
  const module = { noise: 0.3, optimizer: { name: "adam8bit", learningRate: 0.01 } };

  it("leaves no trace in what is trained or logged", async () => {
    const plainLogger = recordingLogger();
    const plain = await fitToy({ ...options, module, logEveryNSteps: 1, loggers: [plainLogger] });
    const logger = recordingLogger();
    const callbacks = [trying(threeSteps)];
    const tried = await fitToy({
      ...options,
      ...{ module, logEveryNSteps: 1, loggers: [logger], callbacks },
    });
    expect(tried).to.deep.equal(plain);
    expect(logger.rows).to.deep.equal(plainLogger.rows);
  });

  it("puts everything back when the work fails", async () => {
    const toy = toyModule();
    const before = await parameterBytes(toy);
    const failing = trying(async (step) => {
      await step();
      expect(await parameterBytes(toy)).not.to.equal(before);
      throw new Error("on purpose");
    });
    const trainer = new Trainer({ ...quiet, maxSteps: 1, callbacks: [failing] });
    const error = await trainer.fit(toy, { trainLoader: toyLoader(2) }).catch(String);
    expect(error).to.include("on purpose");
    expect(await parameterBytes(toy)).to.equal(before);
    toy.dispose();
  });

  it("can put batches of another size together from the loader's, from epoch to epoch", async () => {
    const sizes: number[] = [];
    const firsts: number[] = [];
    const loader = {
      length: 2,
      batch: async (epoch: number, index: number) => ({
        x: hostTensor(Float32Array.of(epoch, index, 0, epoch, index, 1), [2, 3]),
        y: hostTensor(Float32Array.of(epoch, index), [2, 1]),
      }),
    };
    const overrides: Partial<TrainingModule> = {
      prepareBatch(batch) {
        sizes.push(batch["x"]!.shape[0]!);
        firsts.push(...batch["x"]!.values.subarray(0, 3));
        return batch;
      },
    };
    const trial = at("onFitStart", (state) => state.tryTraining(threeSteps, { batchSize: 3 }));
    await fitToy({ maxSteps: 1, loader, overrides, callbacks: [trial] });
    expect(sizes).to.deep.equal([3, 3, 3, 2]);
    expect(firsts.slice(0, 9)).to.deep.equal([0, 0, 0, 0, 1, 1, 1, 1, 0]);
  });

  it("walks the batches that training would, from epoch to epoch", async () => {
    const seen: string[] = [];
    const loader = {
      length: 5,
      batch(epoch: number, index: number) {
        seen.push(`${epoch}.${index}`);
        return toyLoader(5).batch(epoch, index);
      },
    };
    const toy = toyModule();
    const callbacks = [trying(threeSteps)];
    const limits = { maxSteps: 0, limitTrainBatches: 2 };
    await new Trainer({ ...quiet, ...limits, callbacks }).fit(toy, { trainLoader: loader });
    toy.dispose();
    expect(seen).to.deep.equal(["0.0", "0.1", "1.0"]);
  });

  it("gives the outputs that training gives", async () => {
    const losses: number[] = [];
    const callbacks = [trying(async (step) => void losses.push((await step())["loss"]!))];
    const { metrics } = await fitToy({ ...options, module, maxSteps: 1, callbacks });
    expect(losses).to.deep.equal([metrics["train/loss"]]);
  });

  it("needs a fit", async () => {
    const toy = toyModule();
    let kept: TrainerState | undefined;
    const callbacks = [at("setup", (state) => (kept = state))];
    await new Trainer({ ...quiet, callbacks }).validate(toy, toyLoader(1));
    toy.dispose();
    const error = await kept!.tryTraining(threeSteps).catch(String);
    expect(error).to.include("expected a fit that has begun, got validate");
  });
});

describe("TrainerState.setLearningRate()", () => {
  it("stands in the place of the optimizer's own, below its schedule", async () => {
    const rates: number[] = [];
    await fitToy({
      maxSteps: 3,
      module: { lrSchedule: (step) => 1 / (1 + step) },
      callbacks: [
        at("onFitStart", (state) => state.setLearningRate(0.6)),
        at("onTrainBatchEnd", ({ learningRate }) => rates.push(learningRate)),
      ],
    });
    expect(rates).to.deep.equal([0.6, 0.3, 0.6 * (1 / 3)]);
  });

  it("names the optimizers there are", async () => {
    const callbacks = [at("onFitStart", (state) => state.setLearningRate(1, "sgd"))];
    const error = await fitToy({ maxSteps: 1, callbacks }).catch(String);
    expect(error).to.include("Cannot set the learning rate of sgd: expected one of [adamW]");
  });
});
