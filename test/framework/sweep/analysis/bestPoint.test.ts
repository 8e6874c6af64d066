import { expect } from "chai";
import { describe, it } from "mocha";

import type { AnalysedPoint } from "../../../../framework/sweep/analysis/analysedPoint.ts";
import { comparePoints, rankPoints } from "../../../../framework/sweep/analysis/bestPoint.ts";

const point = (label: string, ...values: number[]): AnalysedPoint => ({
  label,
  parameters: [],
  values: new Map(values.map((value, seed) => [seed, value])),
});

describe("rankPoints()", () => {
  const points = [point("a", 2, 4), point("b", 1, 1), point("c"), point("d", Number.NaN, 0)];
  const labels = (goal: "minimize" | "maximize") =>
    rankPoints(points, goal).map((each) => each.point.label);

  it("has the best mean first, and leaves out what has none", () => {
    expect(labels("minimize")).to.deep.equal(["b", "a"]);
    expect(labels("maximize")).to.deep.equal(["a", "b"]);
  });
});

describe("comparePoints()", () => {
  it("tells apart in pairs what the spread over seeds would hide", () => {
    const best = point("best", 1, 5, 9);
    const other = point("other", 1.2, 5.3, 9.2);
    const { difference, isDistinct } = comparePoints(best, other)!;
    expect(isDistinct).to.equal(true);
    expect(difference.mean).to.be.closeTo(0.7 / 3, 1e-12);
    // sd of 0.2, 0.3, 0.2 is 0.1 / √3; times 4.303 / √3
    expect(difference.high! - difference.mean).to.be.closeTo(0.14342, 1e-5);
  });

  it("does not where the difference's sign depends on the seed", () => {
    expect(comparePoints(point("a", 1, 2), point("b", 1.5, 1.9))!.isDistinct).to.equal(false);
  });

  it("compares on common seeds alone, of which one says nothing", () => {
    const other = { ...point("b"), values: new Map([[1, 4]]) };
    const { difference, isDistinct } = comparePoints(point("a", 1, 2), other)!;
    expect([difference.mean, difference.count, isDistinct]).to.deep.equal([2, 1, undefined]);
    expect(comparePoints(point("a", 1), other)).to.equal(undefined);
  });
});
