import { expect } from "chai";
import { describe, it } from "mocha";

import { permutationImportance } from "../../../../framework/sweep/analysis/permutationImportance.ts";
import { growForest } from "../../../../framework/sweep/analysis/randomForest/randomForest.ts";
import { goldenParameters, goldenValues } from "./goldenSearch.ts";
import { evenPoints, unit } from "./searchedSpace.ts";

describe("permutationImportance()", () => {
  it("has the shares of a sum's variance: dealing out anew costs twice as much as it varies", () => {
    const { x, y } = evenPoints(256);
    const targets = x.map((each, i) => each + 0.5 * y[i]!);
    const [first, second] = permutationImportance(growForest([unit(x), unit(y)], targets));
    expect(first).to.be.closeTo(1 / 1.25, 0.04);
    expect(second).to.be.closeTo(0.25 / 1.25, 0.04);
  });

  it("gives nothing to a parameter that decides nothing", () => {
    const { x, y } = evenPoints(128);
    const [first, second] = permutationImportance(growForest([unit(x), unit(y)], x));
    expect(first).to.be.above(0.99);
    expect(second).to.be.below(0.01);
  });

  it("ranks the golden search as functional ANOVA does: x and lr before layers and opt", () => {
    const shares = permutationImportance(growForest(goldenParameters(true), goldenValues));
    const [x, lr, layers, opt] = shares;
    expect(Math.min(x!, lr!)).to.be.above(3 * Math.max(layers!, opt!));
    expect(x! + lr! + layers! + opt!).to.be.closeTo(1, 1e-12);
  });

  it("says 0 where nothing varies", () => {
    const forest = growForest([unit([0.1, 0.5, 0.9])], [1, 1, 1]);
    expect(permutationImportance(forest)).to.deep.equal([0]);
  });
});
