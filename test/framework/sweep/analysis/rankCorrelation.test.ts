import { expect } from "chai";
import { describe, it } from "mocha";

import { rankCorrelation } from "../../../../framework/sweep/analysis/rankCorrelation.ts";

describe("rankCorrelation()", () => {
  for (const { x, y, expected } of [
    { x: [1, 2, 3], y: [1, 10, 1000], expected: 1 },
    { x: [1, 2, 3], y: [5, 4, -1], expected: -1 },
    { x: [1, 2, 3, 4, 5], y: [5, 6, 7, 8, 7], expected: 0.8207826816681233 }, // scipy.stats.spearmanr
    { x: [1, 1, 1], y: [1, 2, 3], expected: null },
    { x: [1], y: [1], expected: null },
  ]) {
    it(`is ${expected} for ${x.join(", ")} and ${y.join(", ")}`, () => {
      const correlation = rankCorrelation(x, y);
      if (expected === null) expect(correlation).to.equal(null);
      else expect(correlation).to.be.closeTo(expected, 1e-12);
    });
  }
});
