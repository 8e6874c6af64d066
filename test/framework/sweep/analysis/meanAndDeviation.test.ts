import { expect } from "chai";
import { describe, it } from "mocha";

import { meanAndDeviation } from "../../../../framework/sweep/analysis/meanAndDeviation.ts";

describe("meanAndDeviation()", () => {
  it("divides squares by one less than there are values", () => {
    expect(meanAndDeviation([1, 2, 6])).to.deep.equal({
      mean: 3,
      deviation: Math.sqrt(7),
      count: 3,
    });
  });

  it("knows no deviation of a single value", () => {
    expect(meanAndDeviation([5])).to.deep.equal({ mean: 5, deviation: undefined, count: 1 });
  });
});
