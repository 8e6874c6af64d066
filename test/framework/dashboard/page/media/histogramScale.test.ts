import { expect } from "chai";
import { describe, it } from "mocha";

import {
  densities,
  evenly,
  histogramScale,
} from "../../../../../framework/dashboard/page/media/histogramScale.ts";

describe("densities()", () => {
  it("are shares for each unit of value, whatever the widths of the bins", () => {
    expect(densities({ step: 0, edges: [0, 1, 3, 3], counts: [1, 2, 1] })).to.deep.equal([
      0.25, 0.25, 0,
    ]);
    expect(densities({ step: 0, edges: [0, 1], counts: [0] })).to.deep.equal([0]);
  });
});

describe("histogramScale()", () => {
  it("holds all histograms", () => {
    const histograms = [
      { step: 0, edges: [0, 1], counts: [5] },
      { step: 1, edges: [-1, 0, 4], counts: [4, 0] },
    ];
    expect(histogramScale(histograms)).to.deep.equal({ min: -1, max: 4, density: 1 });
  });

  it("has room around a single value, and for none", () => {
    const point = histogramScale([{ step: 0, edges: [2, 2], counts: [3] }]);
    expect(point).to.deep.equal({ min: 1.5, max: 2.5, density: 1 });
    expect(histogramScale([])).to.deep.equal({ min: 0, max: 1, density: 1 });
  });
});

describe("evenly()", () => {
  it("keeps the first and the last", () => {
    expect(evenly([0, 1, 2, 3, 4, 5, 6], 4)).to.deep.equal([0, 2, 4, 6]);
    expect(evenly([1, 2], 4)).to.deep.equal([1, 2]);
  });
});
