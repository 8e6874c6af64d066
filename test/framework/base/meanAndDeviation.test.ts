import { expect } from "chai";
import { describe, it } from "mocha";

import { meanAndDeviation } from "../../../framework/base/meanAndDeviation.ts";

describe("meanAndDeviation()", () => {
  it("divides by n - 1", () => {
    expect(meanAndDeviation([1, 2, 6])).to.deep.equal({
      mean: 3,
      deviation: Math.sqrt(7), // (4 + 1 + 9) / 2
      count: 3,
    });
  });

  it("gives one value no deviation", () => {
    expect(meanAndDeviation([5])).to.deep.equal({ mean: 5, deviation: undefined, count: 1 });
  });

  it("refuses to average nothing", () => {
    expect(() => meanAndDeviation([])).to.throw(RangeError, "expected values, got none");
  });
});
