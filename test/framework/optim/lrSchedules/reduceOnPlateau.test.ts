import { expect } from "chai";
import { describe, it } from "mocha";

import {
  reduceOnPlateau,
  type ReduceOnPlateauOptions,
} from "../../../../framework/optim/lrSchedules/reduceOnPlateau.ts";

/** The factors after each value as PyTorch 2.13's ReduceLROnPlateau has them. */
const cases: { options: Partial<ReduceOnPlateauOptions>; values: number[]; factors: number[] }[] = [
  {
    options: { factor: 0.5, patience: 2 },
    values: [5, 4, 4, 4, 4, 4, 4, 4, 4],
    factors: [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25],
  },
  {
    options: { factor: 0.5, patience: 0, cooldown: 2 },
    values: [5, 5, 5, 5, 5, 5, 5, 5, 5],
    factors: [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125],
  },
  {
    options: { factor: 0.5, patience: 0, mode: "max", threshold: 0.1 },
    values: [1, 1.05, 1.2, 1.25, 1.31, 1.31],
    factors: [1, 0.5, 0.5, 0.25, 0.125, 0.0625],
  },
  {
    options: { factor: 0.5, patience: 0, mode: "max", threshold: 0.1, thresholdMode: "abs" },
    values: [1, 1.05, 1.2, 1.25, 1.31, 1.31],
    factors: [1, 0.5, 0.5, 0.25, 0.25, 0.125],
  },
  {
    options: { factor: 0.5, patience: 0, threshold: 0.1, thresholdMode: "abs" },
    values: [1, 0.95, 0.85, 0.8],
    factors: [1, 0.5, 0.5, 0.25],
  },
  {
    options: { factor: 0.1, patience: 0, minFactor: 0.05 },
    values: [1, 1, 1, 1],
    factors: [1, 0.1, 0.05, 0.05],
  },
  {
    options: { factor: 0.5, patience: 0 },
    values: [1, NaN, 1, 0.5],
    factors: [1, 0.5, 0.25, 0.25],
  },
];

describe("reduceOnPlateau()", () => {
  for (const { options, values, factors } of cases) {
    it(`gives PyTorch's factors: ${JSON.stringify(options)} after ${values.join(", ")}`, () => {
      const schedule = reduceOnPlateau(options);
      const given = values.map((value) => {
        schedule.update(value);
        return schedule.factor;
      });
      expect(given).to.deep.equal(factors);
    });
  }

  it("goes on from a state as it would have without a break", () => {
    const values = [3, 2, 2, 2, 2, 1, 1, 1, 1, 1];
    const options = { factor: 0.5, patience: 1, cooldown: 1 };
    for (let end = 0; end < values.length; end++) {
      const [whole, first, second] = [0, 1, 2].map(() => reduceOnPlateau(options));
      for (const value of values) whole!.update(value);
      for (const value of values.slice(0, end)) first!.update(value);
      second!.loadStateDict(first!.stateDict());
      expect(second!.factor).to.equal(first!.factor);
      for (const value of values.slice(end)) second!.update(value);
      expect(second!.stateDict(), `broken off after ${end}`).to.deep.equal(whole!.stateDict());
    }
  });

  it("refuses the state of something else", () => {
    expect(() => reduceOnPlateau().loadStateDict({ factor: 1 })).to.throw(
      RangeError,
      "Cannot load reduceOnPlateau: expected a state with badValues, got factor",
    );
  });
});
