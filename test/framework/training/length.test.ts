import { expect } from "chai";

import { at, fitToy, type ToyFit } from "../../support/fitToy.ts";
import { stopMinima } from "../../support/stopMinima.ts";

describe("Trainer: length", () => {
  const table: [title: string, options: ToyFit, step: number, epochs: number][] = [
    ["maxSteps in the middle of an epoch", { maxSteps: 6 }, 6, 2],
    ["maxEpochs", { maxEpochs: 2 }, 8, 2],
    ["the first limit reached", { maxEpochs: 2, maxSteps: 100 }, 8, 2],
    ["limitTrainBatches as a count", { maxEpochs: 2, limitTrainBatches: 3 }, 6, 2],
    ["limitTrainBatches as a part", { maxEpochs: 2, limitTrainBatches: 0.5 }, 4, 2],
    ["short last windows", { maxEpochs: 2, batches: 7, accumulateGradBatches: 3 }, 6, 2],
    ["windows longer than an epoch", { maxEpochs: 2, accumulateGradBatches: 9 }, 2, 2],
  ];
  for (const [title, options, step, epochs] of table) {
    it(`follows ${title}`, async () => {
      expect(await fitToy(options)).to.include({ step, epochs });
    });
  }

  it("stops after the step in which it was asked to", async () => {
    const stopping = at("onTrainBatchEnd", (state) => {
      if (state.step === 5) state.shouldStop = true;
    });
    expect(await fitToy({ batches: 10, maxEpochs: 9, callbacks: [stopping] })).to.include({
      step: 5,
      epochs: 1,
      stopReason: "stopRequested",
    });
  });

  for (const [batches, options, epochs, step] of stopMinima) {
    it(`${JSON.stringify(options)} defers a stop, ${batches} batches an epoch`, async () => {
      const stopping = at("onTrainEpochEnd", (state) => {
        state.shouldStop = true;
      });
      const result = await fitToy({ batches, maxEpochs: 50, callbacks: [stopping], ...options });
      expect(result).to.include({ epochs, step });
    });
  }
});
