import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { readCheckpointContent } from "../../../framework/training/checkpoint.ts";
import {
  checkpointName,
  findLastCheckpoint,
} from "../../../framework/training/checkpointFolder.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { at, fitToy, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingCallback,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

describe("fastDevRun", () => {
  const folder = temporaryFolder();

  for (const [fastDevRun, steps] of [
    [true, 1],
    [3, 3],
  ] as const) {
    it(`${fastDevRun} tries ${steps} batches of each kind and writes nothing`, async () => {
      const logger = recordingLogger();
      const counts = recordingCallback(["onTrainBatchEnd", "onValidationBatchEnd"]);
      const saving: Callback = { name: "saving", kind: "checkpoint", wantsCheckpoint: () => true };
      const result = await fitToy({
        fastDevRun,
        maxEpochs: 9,
        numSanityValSteps: 2,
        validates: true,
        loggers: [logger],
        checkpointsFolder: folder.path("checkpoints"),
        callbacks: [counts, saving],
      });
      expect(result).to.include({ step: steps, epochs: 1 });
      expect(counts.calls).to.have.length(2 * steps);
      expect(logger.rows).to.deep.equal([]);
    });
  }

  it("is off when false or 0, and refuses less", () => {
    expect(() => new Trainer({ ...quiet, maxSteps: 1, fastDevRun: 0 })).to.not.throw();
    expect(() => new Trainer({ ...quiet, maxSteps: 1, fastDevRun: -1 })).to.throw(
      "fastDevRun must be true, false or an integer >= 0, got -1",
    );
  });
});

describe("overfitBatches", () => {
  it("repeats the first batches of epoch 0", async () => {
    const seen: string[] = [];
    const trainLoader = {
      length: 4,
      batch(epoch: number, index: number) {
        seen.push(`${epoch}.${index}`);
        return toyLoader(4).batch(epoch, index);
      },
    };
    const module = toyModule();
    await new Trainer({ ...quiet, maxEpochs: 2, overfitBatches: 2 }).fit(module, { trainLoader });
    expect(seen).to.deep.equal(["0.0", "0.1", "0.0", "0.1"]);
    module.dispose();
  });

  it("validates on as many batches of the validation loader", async () => {
    const counts = recordingCallback(["onValidationBatchEnd"]);
    await fitToy({ maxEpochs: 1, overfitBatches: 2, validates: true, callbacks: [counts] });
    expect(counts.calls).to.have.length(2);
  });
});

describe("maxTime", () => {
  /** A clock that is at `seconds` after as many steps. */
  function clock() {
    let ms = 0;
    return { now: () => ms, ticking: at("onTrainBatchEnd", () => (ms += 1000)) };
  }

  for (const [maxTime, steps] of [
    ["3 s", 3],
    ["00:00:00:05", 5],
    ["1 min", 60],
  ] as const) {
    it(`${maxTime} ends the fit after as many seconds`, async () => {
      const { now, ticking } = clock();
      const options = {
        maxTime,
        now,
        callbacks: [ticking],
        batches: 100,
        validateOnTrainEnd: false,
      };
      expect(await fitToy(options)).to.include({ step: steps, stopReason: "stopRequested" });
    });
  }

  it("waits for the minima", async () => {
    const { now, ticking } = clock();
    const options = { maxTime: "2 s", minSteps: 5, now, callbacks: [ticking], batches: 5 };
    expect(await fitToy(options)).to.include({ step: 5 });
  });

  it("refuses what is no time", () => {
    expect(() => new Trainer({ ...quiet, maxTime: "2 epochs" })).to.throw(
      'Cannot build Trainer: maxTime: Cannot read interval: expected text such as "30 min", got "2 epochs"',
    );
  });
});

describe("intervals as text", () => {
  const validated: [string, object, number[]][] = [
    ["3 steps", {}, [3, 6, 8]],
    ["2 epochs", { maxSteps: undefined, maxEpochs: 4 }, [8, 16]],
    ["6 batches", { accumulateGradBatches: 2, maxSteps: 6 }, [3, 6]],
    ["10 samples", {}, [5, 8]],
    ["4 s", {}, [4, 8]],
    ["40 %", { maxSteps: undefined, maxEpochs: 2 }, [4, 8]],
  ];
  for (const [valCheckInterval, options, steps] of validated) {
    it(`validate every ${valCheckInterval}`, async () => {
      let ms = 0;
      const ticking = at("onTrainBatchEnd", () => (ms += 1000));
      const recorder = recordingCallback(["onValidationEnd"]);
      await fitToy({
        maxSteps: 8,
        validates: true,
        valCheckInterval,
        now: () => ms,
        callbacks: [ticking, recorder],
        ...options,
      });
      expect(recorder.calls).to.deep.equal(steps.map((step) => `onValidationEnd@${step}`));
    });
  }

  it("log every 6 samples, in batches of 2", async () => {
    const logger = recordingLogger();
    await fitToy({ maxSteps: 8, logEveryNSteps: "6 samples", loggers: [logger] });
    expect(logger.rows.map(({ step }) => step)).to.deep.equal([3, 6, 8]);
  });

  it("log every quarter of the training", async () => {
    const logger = recordingLogger();
    await fitToy({ maxSteps: 8, logEveryNSteps: "25 %", loggers: [logger] });
    expect(logger.rows.map(({ step }) => step)).to.deep.equal([2, 4, 6, 8]);
  });

  it("log at the end of every second epoch", async () => {
    const logger = recordingLogger();
    await fitToy({ maxEpochs: 5, logEveryNSteps: "2 epochs", loggers: [logger] });
    expect(logger.rows.map(({ step }) => step)).to.deep.equal([8, 16, 20]);
  });

  it("are refused with examples when they are none", () => {
    expect(() => new Trainer({ ...quiet, maxSteps: 1, valCheckInterval: "often" })).to.throw(
      'valCheckInterval: Cannot read interval: expected text such as "100 steps"',
    );
  });
});

describe("detectAnomaly", () => {
  it("names the kernel that gave the first NaN", async () => {
    const error = await fitToy({
      maxSteps: 1,
      detectAnomaly: true,
      overrides: (toy) => ({
        trainingStep(batch, context) {
          const { loss } = toy.trainingStep(batch, context);
          return { loss: tf.sqrt(loss.neg()).asScalar() };
        },
      }),
    }).catch(String);
    expect(error).to.match(
      /Cannot go on: kernel Sqrt of x \[\] gave NaN in an output of shape \[\]/,
    );
  });

  it("changes no number of a healthy fit", async () => {
    const plain = await fitToy({ maxSteps: 3 });
    expect((await fitToy({ maxSteps: 3, detectAnomaly: true })).bytes).to.equal(plain.bytes);
  });
});

describe("profiler", () => {
  it("prints what took how long", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const slow = at("onTrainBatchEnd", () => {});
    await fitToy({ maxSteps: 3, profiler: "advanced", print, callbacks: [slow] });
    const table = lines.join("\n");
    expect(table).to.match(/^Action +Calls +Mean ms +Longest ms +Total s +%$/m);
    expect(table).to.match(/^training step +3 /m);
    expect(table).to.match(/^onTrainBatchEnd of callback "acting" +3 /m);
  });
});

describe("onTrainBatchStart returning -1", () => {
  it("leaves the rest of the epoch out: no batch end, no validation, but the epoch's end", async () => {
    const recorder = recordingCallback(["onTrainBatchEnd", "onValidationEnd", "onTrainEpochEnd"]);
    const skipping = at("onTrainBatchStart", ({ epoch, batchIndex }) =>
      epoch === 0 && batchIndex === 1 ? -1 : undefined,
    );
    const result = await fitToy({
      maxEpochs: 2,
      batches: 2,
      validates: true,
      callbacks: [skipping, recorder],
    });
    expect(recorder.calls).to.deep.equal([
      "onTrainBatchEnd@1",
      "onTrainEpochEnd@1",
      "onTrainBatchEnd@2",
      "onTrainBatchEnd@3",
      "onValidationEnd@3",
      "onTrainEpochEnd@3",
    ]);
    expect(result).to.include({ step: 3, epochs: 2 });
  });

  it("saves what training ends with, also when the last epoch is cut short", async () => {
    const skipping = at("onTrainBatchStart", ({ step }) => (step === 3 ? -1 : undefined));
    const checkpointsFolder = folder.path();
    await fitToy({
      maxEpochs: 2,
      batches: 2,
      checkpointsFolder,
      callbacks: [skipping, modelCheckpoint({ saveTopK: 0 })],
    });
    const checkpoint = findLastCheckpoint(checkpointsFolder)!;
    expect(readCheckpointContent(checkpoint).progress).to.include({
      step: 3,
      epoch: 2,
      batchIndex: 0,
    });
  });
  const folder = temporaryFolder();

  it("forgets the gradients of the window it cut short", async () => {
    const skipping = at("onTrainBatchStart", ({ epoch, batchIndex }) =>
      epoch === 0 && batchIndex === 1 ? -1 : undefined,
    );
    const options = { accumulateGradBatches: 2, batches: 2, seed: 1 };
    const skipped = await fitToy({ ...options, maxEpochs: 2, callbacks: [skipping] });
    const startingLater = at("onTrainBatchStart", ({ epoch }) => (epoch === 0 ? -1 : undefined));
    const without = await fitToy({ ...options, maxEpochs: 2, callbacks: [startingLater] });
    expect([skipped.step, skipped.bytes]).to.deep.equal([1, without.bytes]);
  });
});

describe("accumulateGradBatches set by a callback", () => {
  it("holds from that epoch on: {1: 2, 3: 4} in 4 epochs of 10 gives 23 steps", async () => {
    const schedule = new Map([
      [1, 2],
      [3, 4],
    ]);
    const scheduling = at("onTrainEpochStart", (state) => {
      state.accumulateGradBatches = schedule.get(state.epoch) ?? state.accumulateGradBatches;
    });
    expect(await fitToy({ batches: 10, maxEpochs: 4, callbacks: [scheduling] })).to.include({
      step: 23,
    });
  });
});

describe("a loader of unknown length", () => {
  const unsized = (lengths: readonly number[]) => ({
    length: Infinity,
    batch: (epoch: number, index: number) => toyLoader(9).batch(epoch, index),
    has: async (epoch: number, index: number) => index < lengths[epoch % lengths.length]!,
  });
  const folder = temporaryFolder();
  const fit = async (lengths: readonly number[], options: object, resumeFrom?: string) => {
    const module = toyModule();
    try {
      const result = await new Trainer({ ...quiet, ...options }).fit(module, {
        trainLoader: unsized(lengths),
        valLoader: toyLoader(1),
        resumeFrom,
      });
      return { ...result, bytes: await parameterBytes(module) };
    } finally {
      module.dispose();
    }
  };

  it("ends its epochs where they end, with a step for a short last window", async () => {
    expect(await fit([3, 5], { maxEpochs: 2, accumulateGradBatches: 2 })).to.include({
      step: 2 + 3,
      epochs: 2,
    });
  });

  it("has as many epochs as maxEpochs says, and nobody knows how many steps", async () => {
    const seen: number[] = [];
    const looking = at("onTrainStart", ({ estimatedEpochs, estimatedSteps }) => {
      seen.push(estimatedEpochs, estimatedSteps);
    });
    await fit([2], { maxEpochs: 2, callbacks: [looking] });
    expect(seen).to.deep.equal([2, Infinity]);
  });

  it("says which epoch has no batch", async () => {
    expect(await fit([2, 0], { maxEpochs: 2 }).catch(String)).to.include(
      "the training loader has no batch in epoch 1",
    );
  });

  for (const limitTrainBatches of [undefined, 1, 4]) {
    it(`is resumed at each step to the same bits, limitTrainBatches ${limitTrainBatches}`, async () => {
      const checkpointsFolder = folder.path();
      const ends: string[] = [];
      const saving = at("onTrainBatchEnd", (state) => state.saveCheckpoint());
      const ending = at("onTrainEpochEnd", ({ step, epoch }) => ends.push(`${epoch}@${step}`));
      const options = {
        ...{ maxEpochs: 2, limitTrainBatches, checkpointsFolder, checkValEveryNEpoch: 2 },
        callbacks: [saving, ending],
      };
      const { step: steps, bytes } = await fit([2, 3], options);
      const whole = [...ends];
      for (let step = 1; step < steps; step++) {
        ends.length = 0;
        const resumeFrom = folder.path(checkpointName(step));
        expect((await fit([2, 3], options, resumeFrom)).bytes, `${step}`).to.equal(bytes);
        expect(ends).to.deep.equal(whole.filter((end) => Number(end.split("@")[1]) > step));
      }
    });
  }

  for (const [options, message] of [
    [{ limitTrainBatches: 0.5 }, "expected a whole number"],
    [{ valCheckInterval: 0.5 }, "an epoch of unknown length"],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      expect(await fit([2], { maxEpochs: 1, ...options }).catch(String)).to.include(message);
    });
  }
});

describe("a module without what a fit needs", () => {
  for (const name of ["trainingStep", "configureOptimizers"] as const) {
    it(`is refused before training: no ${name}`, async () => {
      const error = await fitToy({ maxSteps: 1, overrides: { [name]: undefined } }).catch(String);
      expect(error).to.include(`Cannot fit: the module has no ${name}`);
    });
  }
});
