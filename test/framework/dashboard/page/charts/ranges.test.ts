import { expect } from "chai";
import { describe, it } from "mocha";

import { xRange, yRange } from "../../../../../framework/dashboard/page/charts/ranges.ts";
import { shownCurve } from "../../../../../framework/dashboard/page/charts/shownCurve.ts";

const style = { id: "a", title: "a", keys: ["a"], colour: "#000000", dash: [] };
const curve = (x: number[], y: (number | "NaN" | "Infinity")[]) =>
  shownCurve({ label: "a", metric: "loss", count: x.length, x, y, nonFinite: [] }, style);

describe("xRange()", () => {
  it("reaches over all curves, or as far as the user chose", () => {
    const curves = [curve([2, 5], [1, 1]), curve([0, 3], [1, 1])];
    expect(xRange(curves, null, null, false)).to.deep.equal([0, 5]);
    expect(xRange(curves, 1, 4, false)).to.deep.equal([1, 4]);
  });

  it("begins at the first positive x on a log axis", () => {
    expect(xRange([curve([0, 10, 100], [1, 1, 1])], null, null, true)).to.deep.equal([10, 100]);
  });

  it("is no point, and not empty", () => {
    expect(xRange([curve([7], [1])], null, null, true)).to.deep.equal([3.5, 14]);
    expect(xRange([], null, null, false)).to.deep.equal([0, 1]);
  });
});

describe("yRange()", () => {
  const plain = { log: false, ignoreOutliers: false };

  it("leaves a twenty-fifth of room around the finite values in sight", () => {
    const curves = [curve([0, 1, 2, 3], [0, "NaN", 100, 900])];
    expect(yRange(curves, [0, 2], plain)).to.deep.equal([-4, 104]);
  });

  it("leaves out a twentieth at each end without outliers", () => {
    const values = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1e9 : i));
    const [low, high] = yRange(
      [
        curve(
          values.map((_, i) => i),
          values,
        ),
      ],
      [0, 100],
      {
        log: false,
        ignoreOutliers: true,
      },
    );
    expect(low).to.be.closeTo(5 - 0.04 * 90, 1e-9);
    expect(high).to.be.closeTo(95 + 0.04 * 90, 1e-9);
  });

  it("has no value at or below zero on a log axis", () => {
    const [low, high] = yRange([curve([0, 1, 2], [0, 1, 100])], [0, 2], { ...plain, log: true });
    expect(low).to.be.closeTo(10 ** -0.08, 1e-9);
    expect(high).to.be.closeTo(10 ** 2.08, 1e-6);
  });

  it("can draw a constant, and nothing", () => {
    expect(yRange([curve([0, 1], [5, 5])], [0, 1], plain)).to.deep.equal([4.46, 5.54]);
    expect(yRange([curve([0], ["Infinity"])], [0, 1], plain)).to.deep.equal([-0.04, 1.04]);
  });
});
