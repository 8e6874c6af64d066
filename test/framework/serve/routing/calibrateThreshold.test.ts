import { expect } from "chai";
import { describe, it } from "mocha";

import {
  thresholdForCost,
  thresholdForShare,
} from "../../../../framework/serve/routing/calibrateThreshold.ts";

describe("thresholdForShare()", () => {
  const scores = [0.1, 0.9, 0.5, 0.3, 0.7];

  for (const [share, threshold] of [
    [1, 0.1],
    [0.99, 0.3],
    [0.4, 0.7],
    [0.39, 0.9],
    [0.2, 0.9],
  ] as const) {
    it(`gives the strong model ${share} of the requests from ${threshold} on`, () => {
      const found = thresholdForShare(scores, share);
      expect(found).to.equal(threshold);
      expect(scores.filter((score) => score >= found).length).to.be.at.most(share * 5);
    });
  }

  it("is above all scores where the strong model gets none", () => {
    expect(thresholdForShare(scores, 0)).to.be.above(0.9).and.at.most(1);
    expect(thresholdForShare([1, 1], 0.5)).to.equal(1);
  });

  it("never parts equal scores", () => {
    expect(thresholdForShare([0.5, 0.5, 0.5, 0.9], 0.5)).to.equal(0.9);
  });

  it("refuses what is no share, and no scores", () => {
    expect(() => thresholdForShare([0.5], 1.1)).to.throw(RangeError, "from 0 to 1, got 1.1");
    expect(() => thresholdForShare([], 0.5)).to.throw(RangeError, "expected scores, got none");
  });
});

describe("thresholdForCost()", () => {
  // 100 if the strong model answers all, 10 if the weak one does.
  const cases = [
    { score: 0.9, strongCost: 60, weakCost: 6 },
    { score: 0.5, strongCost: 10, weakCost: 1 },
    { score: 0.1, strongCost: 30, weakCost: 3 },
  ];

  for (const [budget, threshold] of [
    [100, 0.1],
    [99, 0.5], // 60 + 10 + 3 = 73
    [72, 0.9], // 60 + 1 + 3 = 64
  ] as const) {
    it(`spends at most ${budget} from ${threshold} on`, () => {
      expect(thresholdForCost(cases, budget)).to.equal(threshold);
    });
  }

  it("leaves all to the weak model where the first request costs too much", () => {
    expect(thresholdForCost(cases, 30)).to.be.above(0.9);
  });
});
