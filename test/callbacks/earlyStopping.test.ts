import { expect } from "chai";
import { Trainer, type Callback } from "seedbed";

import { earlyStopping, type EarlyStoppingOptions } from "../../callbacks/earlyStopping.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

/** Fits with one step per epoch and a scripted metric, and gives the epochs trained. */
async function epochsWith(
  scores: readonly number[],
  options: Partial<EarlyStoppingOptions>,
): Promise<number> {
  const module = toyModule();
  const scripted: Callback = {
    name: "scripted",
    onTrainEpochEnd: (state) => state.log("score", scores[state.step - 1]!),
  };
  const callbacks = [earlyStopping({ monitor: "score", ...options }), scripted];
  try {
    const trainer = new Trainer({ maxEpochs: scores.length, callbacks, print: () => {} });
    return (await trainer.fit(module, { trainLoader: toyLoader(1) })).epochs;
  } finally {
    module.dispose();
  }
}

describe("earlyStopping()", () => {
  const table: [
    title: string,
    scores: number[],
    options: Partial<EarlyStoppingOptions>,
    epochs: number,
  ][] = [
    ["stops after `patience` checks without improvement", [3, 2, 2, 2, 1], { patience: 2 }, 4],
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
  ];
  for (const [title, scores, options, epochs] of table) {
    it(title, async () => expect(await epochsWith(scores, options)).to.equal(epochs));
  }

  it("names what there is when the metric is missing", async () => {
    const error = await epochsWith([1], { monitor: "val/los" }).catch(String);
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
