import { expect } from "chai";
import { describe, it } from "mocha";

import { dominates, paretoFront } from "../../../../framework/sweep/analysis/paretoFront.ts";

describe("dominates()", () => {
  for (const [a, b, expected] of [
    [[1, 2], [1, 3], true],
    [[1, 2], [2, 1], false],
    [[1, 2], [1, 2], false],
    [[1, 2, 3], [1, 2, 4], true],
    [[1, 2], [Number.NaN, 2], true],
    [[Number.NaN, 1], [1, 1], false],
  ] as const) {
    it(`is ${expected} of ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      expect(dominates(a, b)).to.equal(expected);
    });
  }
});

describe("paretoFront()", () => {
  it("finds points that none is better than, twins included", () => {
    const points = [
      [1, 5],
      [2, 3],
      [2, 4],
      [4, 1],
      [2, 3],
      [5, 5],
    ];
    expect(paretoFront(points)).to.deep.equal([0, 1, 3, 4]);
  });

  it("leaves out what lacks a number", () => {
    expect(
      paretoFront([
        [Number.NaN, 0],
        [3, 3],
      ]),
    ).to.deep.equal([1]);
    expect(paretoFront([])).to.deep.equal([]);
  });

  it("is every best point when there is one objective", () => {
    expect(paretoFront([[2], [1], [1]])).to.deep.equal([1, 2]);
  });
});
