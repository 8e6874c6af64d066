import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { Trainer } from "../../../framework/training/trainer.ts";
import { at, fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { recordingCallback, recordingLogger, toyModule } from "../../support/toyTraining.ts";

describe("Trainer: validation", () => {
  const table: [title: string, options: ToyFit, steps: number[]][] = [
    ["at the end of each epoch", { maxEpochs: 2 }, [4, 8]],
    ["in every second epoch", { maxEpochs: 4, checkValEveryNEpoch: 2 }, [8, 16]],
    ["at a part of the epoch", { maxEpochs: 1, batches: 12, valCheckInterval: 0.3 }, [3, 6, 9, 12]],
    [
      "at another part of it",
      { maxEpochs: 1, batches: 12, valCheckInterval: 0.42, validateOnTrainEnd: false },
      [5, 10],
    ],
    [
      "every n steps within the epoch",
      { maxEpochs: 2, batches: 10, valCheckInterval: 4, validateOnTrainEnd: false },
      [4, 8, 14, 18],
    ],
    [
      "every n steps across epochs",
      { maxSteps: 12, valCheckInterval: 3, checkValEveryNEpoch: null },
      [3, 6, 9, 12],
    ],
    ["once more when steps run out", { maxSteps: 6 }, [4, 6]],
    ["or not", { maxSteps: 6, validateOnTrainEnd: false }, [4]],
    [
      "by optimizer steps when accumulating",
      { maxEpochs: 1, batches: 12, accumulateGradBatches: 3, valCheckInterval: 2 },
      [2, 4],
    ],
    ["never without batches", { maxEpochs: 2, limitValBatches: 0 }, []],
  ];
  for (const [title, options, steps] of table) {
    it(`validates ${title}`, async () => {
      const recorder = recordingCallback(["onValidationEnd"]);
      await fitToy({ validates: true, callbacks: [recorder], ...options });
      expect(recorder.calls).to.deep.equal(steps.map((step) => `onValidationEnd@${step}`));
    });
  }

  it("validates when a request stops the fit in an epoch", async () => {
    const recorder = recordingCallback(["onValidationEnd"]);
    const stopping = at("onTrainBatchEnd", (state) => {
      if (state.step === 2) state.shouldStop = true;
    });
    const callbacks = [recorder, stopping];
    await fitToy({ validates: true, maxEpochs: 5, validateOnTrainEnd: false, callbacks });
    expect(recorder.calls).to.deep.equal(["onValidationEnd@2"]);
  });

  it("refuses an interval longer than the epoch", async () => {
    const error = await fitToy({ validates: true, maxEpochs: 2, valCheckInterval: 9 }).catch(
      String,
    );
    expect(error).to.include("an epoch has 4; set checkValEveryNEpoch to null");
  });

  it("logs nothing of the sanity check", async () => {
    const logger = recordingLogger();
    const seen: string[] = [];
    const looking = at("onTrainStart", ({ metrics }) => seen.push(...Object.keys(metrics)));
    await fitToy({
      maxSteps: 1,
      validates: true,
      numSanityValSteps: -1,
      validateOnTrainEnd: false,
      loggers: [logger],
      callbacks: [looking],
    });
    expect([seen, logger.rows.flatMap(({ metrics }) => Object.keys(metrics))]).to.deep.equal([
      [],
      ["train/loss", "train/absoluteError", "train/gradientNorm", "train/learningRate", "epoch"],
    ]);
  });

  it("averages over samples, not batches", async () => {
    const sizes = [3, 3, 1];
    const module = {
      ...toyModule(),
      validationStep: ({ v }: tf.NamedTensorMap) => ({ "val/mean": v!.mean<tf.Scalar>() }),
    };
    const loader = {
      length: 3,
      batch: async (_epoch: number, index: number) => ({
        v: { shape: [sizes[index]!], values: new Float32Array(sizes[index]!).fill(index + 1) },
      }),
    };
    const logger = recordingLogger();
    const means = await new Trainer({ ...quiet, maxSteps: 1, loggers: [logger] }).validate(
      module,
      loader,
    );
    expect(means).to.deep.equal([{ "val/mean": 12 / 7 }]);
    expect(logger.rows.map(({ metrics }) => metrics)).to.deep.equal(means);
    module.dispose();
  });
});
