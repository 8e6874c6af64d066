import { expect } from "chai";
import { describe, it } from "mocha";

import {
  packSummary,
  summaryBytes,
  sumUpBlocks,
  unpackSummary,
} from "../../../framework/store/blockExtremes.ts";

describe("packSummary()", () => {
  it("keeps the extremes of each block, of the last that has fewer values, and of none", () => {
    const values = Float64Array.from({ length: 37 }, (_, i) => (i * 7) % 11);
    values.fill(NaN, 16, 32);
    values[20] = Infinity;
    values[3] = -Infinity;
    const { bytes, nonFinite } = packSummary(values);
    expect(bytes.length).to.equal(summaryBytes(37));
    const summary = unpackSummary(bytes.buffer, 37, nonFinite);
    const { low, high } = sumUpBlocks(values);
    expect([summary.low, summary.high]).to.deep.equal([low, high]);
    expect([...low]).to.deep.equal([0, -1, 33]);
    expect([...high]).to.deep.equal([14, -1, 36]);
    expect([...summary.least]).to.deep.equal([0, NaN, values[33]]);
    expect([...summary.greatest]).to.deep.equal([values[14], NaN, values[36]]);
    expect([summary.first, summary.last]).to.deep.equal([values[0], values[36]]);
    expect(summary.nonFinite).to.equal(17);
  });

  it("packs a row of nothing", () => {
    const { bytes, nonFinite } = packSummary(new Float64Array(0));
    const { low, first } = unpackSummary(bytes.buffer, 0, nonFinite);
    expect([low.length, first, nonFinite]).to.deep.equal([0, undefined, 0]);
  });
});
