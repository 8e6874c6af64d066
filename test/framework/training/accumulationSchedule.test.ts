import { expect } from "chai";
import { describe, it } from "mocha";

import {
  batchesPerStep,
  epochSpans,
  epochsOf,
  stepsIn,
} from "../../../framework/training/accumulationSchedule.ts";

/** Two batches a step from epoch 1 on, four from epoch 3 on. */
const schedule = [
  { epoch: 1, batches: 2 },
  { epoch: 3, batches: 4 },
];
/** Epochs of ten batches have 10, 5, 5, 3, 3, ... steps. */
const spans = epochSpans(schedule, (batches) => Math.ceil(10 / batches));

describe("an accumulation schedule", () => {
  it("holds from each of its epochs on, and is 1 before", () => {
    const epochs = [0, 1, 2, 3, 9];
    expect(epochs.map((epoch) => batchesPerStep(schedule, epoch))).to.deep.equal([1, 2, 2, 4, 4]);
  });

  for (const [epochs, steps] of [
    [0, 0],
    [1, 10],
    [2, 15],
    [4, 23],
    [6, 29],
    [Infinity, Infinity],
  ] as const) {
    it(`has ${steps} steps in ${epochs} epochs`, () => {
      expect(stepsIn(spans, epochs)).to.equal(steps);
    });
  }

  for (const [steps, epochs] of [
    [9, 1],
    [10, 1],
    [11, 2],
    [20, 3],
    [21, 4],
    [24, 5],
    [Infinity, Infinity],
  ] as const) {
    it(`takes ${epochs} epochs for ${steps} steps`, () => {
      expect(epochsOf(spans, steps)).to.equal(epochs);
    });
  }

  it("says nothing of epochs of unknown length", () => {
    const unknown = epochSpans(schedule, () => Infinity);
    expect(stepsIn(unknown, 4)).to.equal(Infinity);
    expect(epochsOf(unknown, 100)).to.equal(Infinity);
  });
});
