import { expect } from "chai";
import { describe, it } from "mocha";

import { meanInterval } from "../../../../framework/sweep/analysis/meanInterval.ts";

describe("meanInterval()", () => {
  it("is 2 ± 4.303 / √3 for 1, 2, 3", () => {
    const { mean, low, high, count } = meanInterval([1, 2, 3]);
    expect([mean, count]).to.deep.equal([2, 3]);
    expect(low).to.be.closeTo(2 - 4.302653 / Math.sqrt(3), 1e-6);
    expect(high).to.be.closeTo(2 + 4.302653 / Math.sqrt(3), 1e-6);
  });

  it("does not know how sure a single value is", () => {
    expect(meanInterval([7])).to.deep.equal({ mean: 7, low: undefined, high: undefined, count: 1 });
  });
});
