import { expect } from "chai";
import { describe, it } from "mocha";

import {
  decideRung,
  nextPromotion,
  rungStep,
  survivors,
  type RungEntry,
} from "../../../framework/sweep/successiveHalving.ts";

const entries = (values: readonly (number | undefined)[]): RungEntry[] =>
  values.map((value, index) => ({ index, value }));

const promoted = (values: readonly (number | undefined)[], keep: number): number[] =>
  decideRung(entries(values), keep).flatMap(({ index, isPromoted }) => (isPromoted ? [index] : []));

describe("survivors(), rungStep()", () => {
  // Li et al. 2018, table 1: the most exploratory bracket of R = 81, eta = 3.
  it("are the numbers of configurations and their resources of the paper's example", () => {
    const rungs = [0, 1, 2, 3];
    expect(rungs.map((rung) => survivors(81, 3, rung))).to.deep.equal([27, 9, 3, 1]);
    expect(rungs.map((rung) => rungStep(1, 3, rung))).to.deep.equal([1, 3, 9, 27]);
    // The second bracket begins with 34 at 3.
    expect([0, 1, 2].map((rung) => survivors(34, 3, rung))).to.deep.equal([11, 3, 1]);
  });
});

describe("decideRung()", () => {
  const cases: [about: string, values: (number | undefined)[], keep: number, goOn: number[]][] = [
    ["keeps the best", [3, 1, 2, 4], 2, [1, 2]],
    ["keeps the earlier of equal ones", [1, 1, 1], 2, [0, 1]],
    ["keeps none without a value", [undefined, Number.NaN, 5], 2, [2]],
  ];
  for (const [about, values, keep, goOn] of cases) {
    it(about, () => expect(promoted(values, keep)).to.deep.equal(goOn));
  }

  it("says the place among all, and the worst value that goes on", () => {
    expect(decideRung(entries([3, 1, 2]), 2)[2]).to.deep.equal({
      index: 0,
      isPromoted: false,
      place: 3,
      competitors: 3,
      cutoff: 2,
    });
  });
});

describe("nextPromotion()", () => {
  const next = (values: number[], gone: number[]): number | undefined =>
    nextPromotion(entries(values), 3, (index) => gone.includes(index))?.index;

  it("waits until there are eta trials", () => expect(next([1, 2], [])).to.equal(undefined));
  it("takes the best of three", () => expect(next([3, 1, 2], [])).to.equal(1));
  it("takes none twice", () => expect(next([3, 1, 2], [1])).to.equal(undefined));
  it("takes one that was not good enough before, when more have come", () => {
    expect(next([3, 1, 2, 9, 9, 9], [1])).to.equal(2);
  });
});
