import { expect } from "chai";
import { describe, it } from "mocha";

import { warmBell } from "../../../../framework/sweep/cmaEs/warmBell.ts";

describe("warmBell()", () => {
  it("lies on the best tenth of the places, as wide as they are apart", () => {
    // By hand: mean (0.3, 0.5), covariance diag(0.01 + 0.01, 0.01), determinant 2e-4, deviation 2e-4^(1/4)
    const places = [[0.2, 0.5], [0.4, 0.5], ...Array.from({ length: 18 }, () => [0.9, 0.9])];
    const { mean, deviation, covariance } = warmBell(
      places.map((each) => Float64Array.from(each)),
      2,
    )!;
    expect(mean[0]).to.be.closeTo(0.3, 1e-12);
    expect(mean[1]).to.be.closeTo(0.5, 1e-12);
    expect(deviation).to.be.closeTo(0.118921, 1e-6);
    for (const [i, expected] of [Math.SQRT2, 0, 0, Math.SQRT1_2].entries()) {
      expect(covariance[i]).to.be.closeTo(expected, 1e-9);
    }
  });

  it("is round about a single place, and none without", () => {
    const { deviation, covariance } = warmBell([Float64Array.of(0.3, 0.6)], 2)!;
    expect(deviation).to.be.closeTo(0.1, 1e-12);
    expect(covariance[0]).to.be.closeTo(1, 1e-12);
    expect(warmBell([], 2)).to.equal(undefined);
  });
});
