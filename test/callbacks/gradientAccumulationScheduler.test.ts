import { expect } from "chai";
import { findLastCheckpoint, Trainer, type Callback, type TrainerOptions } from "seedbed";

import { gradientAccumulationScheduler } from "../../callbacks/gradientAccumulationScheduler.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { fitToy } from "../support/fitToy.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../support/toyTraining.ts";

describe("gradientAccumulationScheduler()", () => {
  const folder = temporaryFolder();

  // Steps are those of Lightning's own test of its callback.
  const table: [scheduling: Record<string, number>, steps: number][] = [
    [{ 1: 2, 3: 4 }, 10 + 5 + 5 + 3],
    [{ 0: 2 }, 5 + 5 + 5 + 5],
    [{ 2: 1, 0: 3 }, 4 + 4 + 10 + 10],
    [{ 9: 2 }, 40],
  ];
  for (const [scheduling, steps] of table) {
    it(`takes ${steps} steps in 4 epochs of 10 batches with ${JSON.stringify(scheduling)}`, async () => {
      const callbacks = [gradientAccumulationScheduler({ scheduling })];
      const { step } = await fitToy({ batches: 10, maxEpochs: 4, callbacks });
      expect(step).to.equal(steps);
    });
  }

  /** Fits 4 epochs of 5 batches, and writes down each step's batch and window. */
  async function windows(
    extra: TrainerOptions & { resumeFrom?: string | undefined } = {},
  ): Promise<{ bytes: string; seen: string[] }> {
    const { callbacks = [], resumeFrom, ...others } = extra;
    const seen: string[] = [];
    const recorder: Callback = {
      name: "recorder",
      onTrainBatchEnd({ stepFinished, epoch, batchIndex, accumulateGradBatches }) {
        if (stepFinished) seen.push(`${epoch}.${batchIndex}/${accumulateGradBatches}`);
      },
    };
    const module = toyModule();
    const trainer = new Trainer({
      maxEpochs: 4,
      print: () => {},
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [
        gradientAccumulationScheduler({ scheduling: { 1: 2, 3: 4 } }),
        recorder,
        ...callbacks,
      ],
      ...others,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(5), resumeFrom });
      return { bytes: await parameterBytes(module), seen };
    } finally {
      module.dispose();
    }
  }

  it("goes on with the right value, resumed inside an epoch or between two", async () => {
    const whole = await windows();
    expect(whole.seen.slice(4)).to.deep.equal([
      "0.4/1",
      ...["1.1/2", "1.3/2", "1.4/2", "2.1/2", "2.3/2", "2.4/2"],
      ...["3.3/4", "3.4/4"],
    ]);
    for (const maxSteps of [3, 5, 6, 8, 11, 12]) {
      folder.clear();
      const before = await windows({ maxSteps, callbacks: [modelCheckpoint()] });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      const after = await windows({ resumeFrom });
      expect([...before.seen, ...after.seen], `${maxSteps}`).to.deep.equal(whole.seen);
      expect(after.bytes).to.equal(whole.bytes);
    }
  });

  it("makes the number of steps known, so that a part of the training keeps its length", async () => {
    const estimates = new Set<number>();
    const validated: number[] = [];
    const recorder: Callback = {
      name: "recorder",
      onTrainEpochStart: ({ estimatedSteps }) => void estimates.add(estimatedSteps),
      onValidationEnd: ({ step }) => void validated.push(step),
    };
    const callbacks = [gradientAccumulationScheduler({ scheduling: { 1: 2, 3: 4 } }), recorder];
    const options = { valCheckInterval: "25 %", validates: true, callbacks };
    await fitToy({ batches: 10, maxEpochs: 4, ...options });
    expect([...estimates]).to.deep.equal([23]);
    expect(validated).to.deep.equal([6, 12, 18, 23]); // 6 is a quarter of 23, rounded up
  });

  const refused: [scheduling: Record<string, number>, problem: string][] = [
    [{}, "scheduling"],
    [{ 0: 0 }, "scheduling.0"],
    [{ 1: 1.5 }, "scheduling.1"],
    [{ "-1": 2 }, 'unknown option "-1"'],
    [{ "1.5": 2 }, 'unknown option "1.5"'],
  ];
  for (const [scheduling, problem] of refused) {
    it(`refuses ${JSON.stringify(scheduling)}`, () => {
      expect(() => gradientAccumulationScheduler({ scheduling })).to.throw(problem);
    });
  }

  it("refuses a second schedule", () => {
    const one = () => gradientAccumulationScheduler({ scheduling: { 1: 2 } });
    expect(() => new Trainer({ callbacks: [one(), one()] })).to.throw("expected one of them");
  });

  it("refuses a Trainer that accumulates by itself", async () => {
    const callbacks = [gradientAccumulationScheduler({ scheduling: { 1: 2 } })];
    const error = await fitToy({ maxSteps: 1, accumulateGradBatches: 2, callbacks }).catch(String);
    expect(error).to.include("expected the Trainer's accumulateGradBatches to be 1, got 2");
  });
});
