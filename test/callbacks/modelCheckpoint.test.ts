import { readFileSync } from "node:fs";

import { expect } from "chai";
import { findLastCheckpoint, listCheckpoints, readPointer, Trainer, type Callback } from "seedbed";

import { modelCheckpoint, type ModelCheckpointOptions } from "../../callbacks/modelCheckpoint.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

describe("modelCheckpoint()", () => {
  const folder = temporaryFolder();
  const root = (): string => folder.path("checkpoints");

  /** Fits with one step per epoch; the metric `score` of step n is `scores[n - 1]`. */
  async function fit(
    scores: readonly number[],
    options: Partial<ModelCheckpointOptions>,
    extra: { maxSteps?: number; resume?: boolean; batches?: number; callbacks?: Callback[] } = {},
  ): Promise<void> {
    const { maxSteps = scores.length, resume = false, batches = 1, callbacks = [] } = extra;
    const module = toyModule();
    const scripted: Callback = {
      name: "scripted",
      onTrainEpochEnd: (state) => state.log("score", scores[state.step - 1]!),
    };
    const trainer = new Trainer({
      maxSteps,
      checkpointsFolder: root(),
      callbacks: [modelCheckpoint(options), scripted, ...callbacks],
      print: () => {},
    });
    try {
      const resumeFrom = resume ? findLastCheckpoint(root()) : undefined;
      await trainer.fit(module, { trainLoader: toyLoader(batches), resumeFrom });
    } finally {
      module.dispose();
    }
  }

  /** Steps of the checkpoints on disk, in order. */
  const steps = (): number[] =>
    listCheckpoints(root())
      .map((name) => Number(name.slice("step-".length)))
      .toSorted((a, b) => a - b);
  const best = (): number | undefined => readPointer(root(), "best")?.step;
  const last = (): number | undefined => readPointer(root(), "last")?.step;

  const scores = [10, 9, 2.8, 5, 2.5];
  const onlyTop = { monitor: "score", saveLast: false };
  const table: [
    options: Partial<ModelCheckpointOptions>,
    kept: number[],
    best: number | undefined,
  ][] = [
    [{ ...onlyTop, saveTopK: 1 }, [5], 5],
    [{ ...onlyTop, saveTopK: 2 }, [3, 5], 5],
    [{ ...onlyTop, saveTopK: 3 }, [3, 4, 5], 5],
    [{ ...onlyTop, saveTopK: -1 }, [1, 2, 3, 4, 5], 5],
    [{ ...onlyTop, saveTopK: 1, mode: "max" }, [1], 1],
    [{ monitor: "score", saveTopK: 1, mode: "max" }, [1, 5], 1],
    [{ monitor: "score", saveTopK: 0 }, [5], undefined],
    [{}, [5], undefined],
    [{ saveTopK: -1, everyNEpochs: 2 }, [2, 4, 5], undefined],
    [{ saveTopK: -1, everyNTrainSteps: 2 }, [2, 4, 5], undefined],
    [{ saveTopK: -1, everyNTrainSteps: 2, saveLast: false }, [2, 4], undefined],
  ];
  for (const [options, kept, bestStep] of table) {
    it(`${JSON.stringify(options)} keeps ${kept.join(", ")}`, async () => {
      await fit(scores, options);
      expect(steps()).to.deep.equal(kept);
      expect(best()).to.equal(bestStep);
    });
  }

  it("keeps the older of two equal ones", async () => {
    await fit([1, 1, 1], { ...onlyTop });
    expect([steps(), best()]).to.deep.equal([[1], 1]);
  });

  it("keeps NaN only while nothing else is there", async () => {
    await fit([NaN, 3, NaN], onlyTop);
    expect([steps(), best()]).to.deep.equal([[2], 2]);
  });

  it("points to the last even when it is not the best", async () => {
    await fit([1, 5, 9], { monitor: "score" });
    expect([steps(), best(), last()]).to.deep.equal([[1, 3], 1, 3]);
  });

  it("leaves what a run in one go leaves, when resumed", async () => {
    const options = { monitor: "score", saveTopK: 2 };
    await fit(scores, options, { maxSteps: 3 });
    expect([steps(), best()]).to.deep.equal([[2, 3], 3]);
    await fit(scores, options, { resume: true });
    expect([steps(), best(), last()]).to.deep.equal([[3, 5], 5, 5]);
  });

  it("saves after the validation of the same step", async () => {
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 8,
      valCheckInterval: 2,
      checkpointsFolder: root(),
      callbacks: [modelCheckpoint({ monitor: "val/loss", saveTopK: -1, everyNTrainSteps: 2 })],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(8), valLoader: toyLoader(2) });
    for (const name of listCheckpoints(root())) {
      const text = readFileSync(folder.path("checkpoints", name, "trainer.json"), "utf8");
      const step = Number(name.slice("step-".length));
      expect(text).to.include(`"val/loss": ${step}\n`); // the step it was measured at
    }
    expect(steps()).to.deep.equal([2, 4, 6, 8]);
    module.dispose();
  });

  it("does not judge a step by an older measurement", async () => {
    // `score` is logged at the end of each epoch of three steps; saves are every two steps.
    await fit([0, 0, 9, 0, 0, 1], { monitor: "score", everyNTrainSteps: 2 }, { batches: 3 });
    expect([steps(), best()]).to.deep.equal([[6], 6]);
  });

  it("flushes the loggers before a checkpoint counts", async () => {
    const logger = recordingLogger();
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 2,
      logEveryNSteps: 1,
      loggers: [logger],
      checkpointsFolder: root(),
      callbacks: [modelCheckpoint({ everyNTrainSteps: 1 })],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(8) });
    expect(logger.flushes.slice(0, 2)).to.deep.equal([1, 2]); // rows before each flush
    module.dispose();
  });

  it("does not remove what another callback keeps", async () => {
    const every = modelCheckpoint({ everyNTrainSteps: 2, saveTopK: -1, saveLast: false });
    await fit(scores, { monitor: "score" }, { callbacks: [every] });
    expect(steps()).to.deep.equal([2, 4, 5]);
  });

  it("saves when any callback asks", async () => {
    const asking: Callback = {
      name: "asking",
      onTrainBatchEnd(state) {
        if (state.step === 2) state.saveCheckpoint();
      },
    };
    await fit(scores, { saveTopK: 0, saveLast: false }, { callbacks: [asking] });
    expect(steps()).to.deep.equal([2]);
  });

  it("names what there is when the metric is missing", async () => {
    const error = await fit(scores, { monitor: "scor" }).catch(String);
    expect(error).to.match(/Cannot monitor "scor": it was never logged, expected one of .*score/);
  });

  it("refuses contradictory options", () => {
    expect(() => modelCheckpoint({ saveTopK: 2 })).to.throw("saveTopK 2 needs a metric");
    expect(() => modelCheckpoint({ everyNTrainSteps: 1, everyNEpochs: 1 })).to.throw("got both");
  });
});
