import { expect } from "chai";
import { describe, it } from "mocha";

import { learningCurve } from "../../../../framework/sweep/analysis/learningCurve.ts";

describe("learningCurve()", () => {
  it("is the mean of the runs that have logged at a step", () => {
    const curve = learningCurve([
      new Map([
        [10, 3],
        [20, 1],
      ]),
      new Map([[10, 5]]),
    ]);
    expect(curve).to.deep.equal({
      steps: [10, 20],
      mean: [4, 1],
      deviation: [Math.SQRT2, 0],
    });
  });
});
