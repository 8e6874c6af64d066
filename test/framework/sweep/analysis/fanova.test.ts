import { expect } from "chai";
import { describe, it } from "mocha";

import { fanova } from "../../../../framework/sweep/analysis/fanova.ts";
import { growForest } from "../../../../framework/sweep/analysis/randomForest/randomForest.ts";
import { golden, goldenNames, goldenParameters, goldenValues } from "./goldenSearch.ts";
import { evenPoints, unit } from "./searchedSpace.ts";

describe("fanova()", () => {
  it("has the shares of a sum's variance: 1 to 0.01 for x + 0.1 y", () => {
    const { x, y } = evenPoints(256);
    const { shares, together } = fanova(
      growForest(
        [unit(x), unit(y)],
        x.map((each, i) => each + 0.1 * y[i]!),
      ),
    );
    // trees on this many points do not tell all of y apart from noise
    expect(shares[0]).to.be.closeTo(1 / 1.01, 0.006);
    expect(shares[1]).to.be.closeTo(0.01 / 1.01, 0.006);
    expect(together).to.be.below(0.02);
  });

  it("says what comes of two parameters together: most of (x - 1/2) (y - 1/2)", () => {
    const { x, y } = evenPoints(256);
    const { together } = fanova(
      growForest(
        [unit(x), unit(y)],
        x.map((each, i) => (each - 0.5) * (y[i]! - 0.5)),
      ),
    );
    expect(together).to.be.above(0.75); // 1, had it infinitely many points
  });

  it("weighs choices alike, however often each was tried", () => {
    // 1 for the first of four, else 0: variance 3/16; the other number is worth as much
    const { x } = evenPoints(256);
    const choice = x.map((_, i) => (i % 16 === 0 ? 0 : 1 + (i % 3)));
    const parameters = [{ range: { kind: "choices", count: 4 } as const, values: choice }, unit(x)];
    const targets = x.map((each, i) => (choice[i] === 0 ? 1 : 0) + (each < 0.25 ? 1 : 0));
    const { shares } = fanova(growForest(parameters, targets));
    expect(shares[0]).to.be.closeTo(0.5, 0.02);
  });

  it("takes the logarithm of what was searched in it", () => {
    const { x } = evenPoints(128);
    const rates = x.map((each) => 10 ** (-5 + 4 * each));
    const range = { kind: "numbers", low: 1e-5, high: 0.1, isLog: true } as const;
    const other = unit(x.map((_, i) => (i % 7) / 7));
    const { shares } = fanova(
      growForest(
        [{ range, values: rates }, other],
        x.map((each, i) => each + other.values[i]!),
      ),
    );
    expect(shares[0]).to.be.closeTo(0.5, 0.05);
  });

  it("counts whether a parameter is in use at all", () => {
    const { x, y } = evenPoints(128);
    const momentum = x.map((each, i) => (i % 2 === 0 ? each : Number.NaN));
    const targets = momentum.map((each) => (Number.isNaN(each) ? 0 : 1));
    const { shares } = fanova(growForest([unit(momentum), unit(y)], targets));
    expect(shares[0]).to.be.above(0.99);
  });

  it("agrees with Optuna's, whose two seeds differ by 0.015, to 0.03", () => {
    const { shares } = fanova(growForest(goldenParameters(false), goldenValues));
    for (const [i, name] of goldenNames.entries()) {
      const [one, other] = golden.fanova.map((each) => each[name]);
      expect(shares[i], name).to.be.closeTo((one! + other!) / 2, 0.03);
    }
  });

  it("says nothing of what never changes", () => {
    const forest = growForest([unit([0.1, 0.5, 0.9])], [1, 1, 1]);
    expect(fanova(forest)).to.deep.equal({ shares: [0], together: 0 });
  });
});
