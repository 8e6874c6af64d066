import { expect } from "chai";
import { describe, it } from "mocha";

import { histogramBins } from "../../../framework/tracking/histogram.ts";

/** The bins that are not empty. */
function filled(values: ArrayLike<number>): [number, number][] {
  const { counts } = histogramBins({ values });
  return [...counts.entries()].filter(([, count]) => count > 0);
}

describe("histogramBins()", () => {
  it("counts values in 64 bins of one width", () => {
    // what numpy.histogram(values, 64) gives
    const values = Float32Array.of(-1, -0.5, 0, 0.25, 0.25, 1, 3);
    const { edges } = histogramBins({ values });
    expect(edges).to.have.length(65);
    expect([edges[0], edges[1], edges[63], edges[64]]).to.deep.equal([-1, -0.9375, 2.9375, 3]);
    expect(filled(values)).to.deep.equal([
      [0, 1],
      [8, 1],
      [16, 1],
      [20, 2],
      [32, 1],
      [63, 1],
    ]);
  });

  it("puts a single value in the middle of a range of 1", () => {
    const { edges } = histogramBins({ values: [2, 2, 2] });
    expect([edges[0], edges[64]]).to.deep.equal([1.5, 2.5]);
    expect(filled([2, 2, 2])).to.deep.equal([[32, 3]]);
  });

  it("leaves out what is not finite", () => {
    expect(filled([NaN, 0, Infinity, 64, -Infinity])).to.deep.equal([
      [0, 1],
      [63, 1],
    ]);
    expect(filled([NaN])).to.deep.equal([]);
  });

  it("takes bins as they are", () => {
    const bins = { edges: [0, 1, 10], counts: [3, 0.5] };
    expect(histogramBins(bins)).to.deep.equal(bins);
  });

  for (const [edges, counts] of [
    [
      [0, 1],
      [1, 2],
    ],
    [[], []],
    [[1, 0], [1]],
    [[0, Infinity], [1]],
    [[0, 1], [NaN]],
  ] as const) {
    it(`refuses edges [${edges.join()}] with counts [${counts.join()}]`, () => {
      expect(() => histogramBins({ edges, counts })).to.throw(RangeError, "Cannot log histogram");
    });
  }
});
