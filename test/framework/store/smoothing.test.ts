import { expect } from "chai";
import { describe, it } from "mocha";

import { exponential, smooth, timeWeighted } from "../../../framework/store/smoothing.ts";

const of = (...values: number[]): Float64Array => Float64Array.of(...values);

describe("exponential()", () => {
  it("is a mean whose weights fall, corrected for its start", () => {
    // by hand: 1; (0.5*0.5 + 0.5*3) / (1 - 0.25) = 7/3; (1.75*0.5 + 0.5*5) / (1 - 0.125) = 27/7
    const [a, b, c] = exponential(of(1, 3, 5), 0.5);
    expect(a).to.equal(1);
    expect(b).to.be.closeTo(7 / 3, 1e-15);
    expect(c).to.be.closeTo(27 / 7, 1e-15);
  });

  it("passes over values that are not finite, which stay", () => {
    const smoothed = exponential(of(1, NaN, Infinity, 3, 5), 0.5);
    expect([...smoothed.slice(1, 3)]).to.deep.equal([NaN, Infinity]);
    expect(smoothed[4]).to.be.closeTo(27 / 7, 1e-15);
  });

  it("leaves equal values as they are, to the bit", () => {
    expect([...exponential(of(0.1, 0.1, 0.1), 0.9)]).to.deep.equal([0.1, 0.1, 0.1]);
  });

  it("leaves values as they are at weight 0", () => {
    expect([...exponential(of(1, 3, 5), 0)]).to.deep.equal([1, 3, 5]);
  });
});

describe("timeWeighted()", () => {
  it("lets the weight fall with the distance", () => {
    // weight 0.25: w = 0.5 for one unit; range 1000 shows a unit as 1. Points at 0, 1, 3:
    // 4; (4*0.5 + 1) / 1.5 = 2; (3*0.25 + 2) / (1.5*0.25 + 1) = 2
    const smoothed = timeWeighted(of(0, 1, 3), of(4, 1, 2), 0.25, 1000);
    expect([...smoothed]).to.deep.equal([4, 2, 2]);
  });

  it("does not depend on how often one place was measured", () => {
    const once = timeWeighted(of(0, 100), of(0, 1), 0.9, 1000);
    const often = timeWeighted(of(0, 100, 100, 100), of(0, 1, 1, 1), 0.9, 1000);
    expect(often[1]).to.equal(once[1]);
    expect(often[3]).to.be.closeTo(1, 0.01);
  });

  it("takes points without distance for one", () => {
    expect([...timeWeighted(of(5, 5), of(1, 3), 0.9, 0)]).to.deep.equal([1, 2]);
  });
});

describe("smooth()", () => {
  it("gives the values themselves without smoothing", () => {
    const values = of(1, 2);
    expect(smooth(of(0, 1), values, { kind: "none", weight: 0.9 }, 1)).to.equal(values);
  });
});
