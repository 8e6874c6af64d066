import { expect } from "chai";
import { describe, it } from "mocha";

import { partialDependence } from "../../../../framework/sweep/analysis/partialDependence.ts";
import { growForest } from "../../../../framework/sweep/analysis/randomForest/randomForest.ts";
import { evenPoints, unit } from "./searchedSpace.ts";

describe("partialDependence()", () => {
  it("is a sum's own term and the mean of the other: x + 0.15 for x + 0.3 y", () => {
    const { x, y } = evenPoints(256);
    const targets = x.map((each, i) => each + 0.3 * y[i]!);
    const [first] = partialDependence(growForest([unit(x), unit(y)], targets));
    expect(first!.at).to.have.length(50);
    for (const [i, at] of first!.at.entries()) {
      expect(first!.mean[i]).to.be.closeTo(at + 0.15, 0.06);
      expect(first!.deviation[i]).to.be.within(0, 0.06);
    }
  });

  it("has each choice and each whole number once", () => {
    const { x, y } = evenPoints(128);
    const layers = x.map((each) => 1 + Math.floor(each * 4));
    const choices = y.map((each) => Math.floor(each * 3));
    const forest = growForest(
      [
        { range: { kind: "numbers", low: 1, high: 4, isInteger: true }, values: layers },
        { range: { kind: "choices", count: 3 }, values: choices },
      ],
      layers.map((each, i) => each + (choices[i] === 2 ? 1 : 0)),
    );
    const [first, second] = partialDependence(forest);
    expect(first!.at).to.deep.equal([1, 2, 3, 4]);
    expect(second!.at).to.deep.equal([0, 1, 2]);
    for (const [i, expected] of [4 / 3, 7 / 3, 10 / 3, 13 / 3].entries()) {
      expect(first!.mean[i]).to.be.closeTo(expected, 0.05);
    }
    expect(second!.mean[2]! - second!.mean[0]!).to.be.closeTo(1, 0.05);
  });

  it("is of those that use a parameter, where others do not", () => {
    const { x } = evenPoints(128);
    const used = x.map((each, i) => (i % 2 === 0 ? each : Number.NaN));
    const targets = used.map((each) => (Number.isNaN(each) ? 100 : each));
    const [first] = partialDependence(growForest([unit(used)], targets));
    for (const [i, at] of first!.at.entries()) expect(first!.mean[i]).to.be.closeTo(at, 0.06);
  });

  it("is less sure where there are few points", () => {
    const few = [...evenPoints(64).x.map((each) => each / 2), 0.98];
    const [first] = partialDependence(
      growForest(
        [unit(few)],
        few.map((each) => Math.sin(6 * each)),
      ),
    );
    expect(first!.deviation[35]).to.be.above(2 * first!.deviation[10]!);
  });
});
