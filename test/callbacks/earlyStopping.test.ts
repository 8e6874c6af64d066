import { expect } from "chai";
import { findLastCheckpoint, Trainer, type Callback, type TrainerOptions } from "seedbed";

import { earlyStopping, type EarlyStoppingOptions } from "../../callbacks/earlyStopping.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { stopMinima } from "../support/stopMinima.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

/** Fits with one step per epoch and a scripted metric. */
async function stopWith(
  scores: readonly number[],
  options: Partial<EarlyStoppingOptions>,
  { callbacks = [], ...extra }: TrainerOptions = {},
  resumeFrom?: string,
): Promise<{ epochs: number; lines: string[] }> {
  const module = toyModule();
  const lines: string[] = [];
  const scripted: Callback = {
    name: "scripted",
    onTrainEpochEnd: (state) => state.log("score", scores[state.step - 1]!),
  };
  const trainer = new Trainer({
    maxEpochs: scores.length,
    callbacks: [earlyStopping({ monitor: "score", ...options }), scripted, ...callbacks],
    print: (line) => void lines.push(line),
    ...extra,
  });
  try {
    const { epochs } = await trainer.fit(module, { trainLoader: toyLoader(1), resumeFrom });
    return { epochs, lines };
  } finally {
    module.dispose();
  }
}

describe("earlyStopping()", () => {
  const folder = temporaryFolder();
  const table: [
    title: string,
    scores: number[],
    options: Partial<EarlyStoppingOptions>,
    epochs: number,
  ][] = [
    ["stops after `patience` checks without improvement", [3, 2, 2, 2, 1], { patience: 2 }, 4],
    ["wants better than the baseline", [5, 4, 3, 2, 1], { baseline: 2.5, patience: 3 }, 3],
    ["counts from when the baseline was passed", [5, 2, 3, 3, 3], { baseline: 2.5 }, 5],
    ["goes on while the metric improves", [5, 4, 3, 2, 1], { patience: 1 }, 5],
    ["counts from the last improvement", [3, 4, 2, 4, 4, 1], { patience: 2 }, 5],
    ["looks for larger values in mode max", [1, 2, 3, 3, 3], { mode: "max", patience: 2 }, 5],
    ["wants more than minDelta", [3, 2.9, 2.8, 2.7], { minDelta: 0.5, patience: 2 }, 3],
    ["takes a change of exactly minDelta for none", [3, 2.5, 2], { minDelta: 0.5, patience: 1 }, 2],
    ["stops at NaN", [3, NaN, 1], {}, 2],
    ["or takes it for no improvement", [3, NaN, 1, 1], { checkFinite: false, patience: 2 }, 4],
    ["stops past the threshold", [3, 2, 1, 0], { stoppingThreshold: 2 }, 3],
    ["stops on divergence", [3, 4, 11, 1], { divergenceThreshold: 10 }, 3],
    [
      "leaves out checks on a missing metric",
      [1, 1, 1],
      { monitor: "none", strict: false, patience: 1 },
      3,
    ],
    [
      "leaves out checks before startAfter",
      [1, 5, 4, 6, 6, 6],
      { startAfter: "2 epochs", patience: 2 },
      5,
    ],
    ["even for NaN", [NaN, 5, 4], { startAfter: "2 steps" }, 3],
  ];
  for (const [title, scores, options, epochs] of table) {
    it(title, async () => expect((await stopWith(scores, options)).epochs).to.equal(epochs));
  }

  const order: [score: number, options: Partial<EarlyStoppingOptions>, reason: string][] = [
    [-Infinity, { stoppingThreshold: 0 }, "score is -Infinity"],
    [7, { stoppingThreshold: 10, divergenceThreshold: 5 }, "7 passed the threshold 10"],
    [7, { divergenceThreshold: 5 }, "7 passed the divergence threshold 5"],
    [7, { mode: "max", stoppingThreshold: 7, divergenceThreshold: 8 }, "divergence threshold 8"],
  ];
  for (const [score, options, reason] of order) {
    it(`stops because ${reason}, at once`, async () => {
      const { lines, epochs } = await stopWith([score, 0, 0], options);
      expect([epochs, lines.at(-1)]).to.deep.equal([
        1,
        lines.find((line) => line.includes(reason)),
      ]);
    });
  }

  const minima: typeof stopMinima = [...stopMinima, [10, { valCheckInterval: 5 }, 1, 5]];
  for (const [batches, options, epochs, step] of minima) {
    it(`with ${batches} batches an epoch and ${JSON.stringify(options)} stops at ${step}`, async () => {
      const module = toyModule();
      const callbacks = [earlyStopping({ monitor: "train/loss", stoppingThreshold: 1e9 })];
      const trainer = new Trainer({ maxEpochs: 50, ...options, callbacks, print: () => {} });
      const data = { trainLoader: toyLoader(batches), valLoader: toyLoader(1) };
      expect(await trainer.fit(module, data)).to.include({ epochs, step });
      module.dispose();
    });
  }

  it("goes on counting when the fit is resumed", async () => {
    const options = { patience: 3 };
    const checkpointsFolder = folder.path("checkpoints");
    await stopWith([3, 2, 4], options, { callbacks: [modelCheckpoint()], checkpointsFolder });
    const resumeFrom = findLastCheckpoint(checkpointsFolder);
    expect(await stopWith([3, 2, 4, 4, 4, 1], options, {}, resumeFrom)).to.include({ epochs: 5 });
  });

  it("names what there is when the metric is missing", async () => {
    const error = await stopWith([1], { monitor: "val/los" }).catch(String);
    expect(error).to.include('Cannot stop early on "val/los": expected one of train/loss');
  });

  it("checks after each validation when these have an interval", async () => {
    const module = toyModule({ optimizer: { name: "sgd", learningRate: 0 } });
    const trainer = new Trainer({
      maxEpochs: 3,
      valCheckInterval: 2,
      callbacks: [earlyStopping({ monitor: "val/loss", patience: 2 })],
      print: () => {},
    });
    const data = { trainLoader: toyLoader(10), valLoader: toyLoader(1) };
    const { step } = await trainer.fit(module, data);
    expect(step).to.equal(6); // 2 is the best, 4 and 6 do not improve
    module.dispose();
  });

  it("says why and when", async () => {
    const lines: string[] = [];
    const module = toyModule();
    const trainer = new Trainer({
      maxEpochs: 3,
      callbacks: [earlyStopping({ monitor: "train/loss", stoppingThreshold: 1e9 })],
      print: (line) => void lines.push(line),
    });
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    expect(lines.join()).to.match(/earlyStopping at step 1: train\/loss .* passed the threshold/);
    module.dispose();
  });
});
