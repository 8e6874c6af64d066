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
    const values = Float64Array.from({ length: 69 }, (_, i) => (i * 7) % 11);
    values.fill(NaN, 32, 64);
    values[40] = Infinity;
    values[3] = -Infinity;
    const { bytes, nonFinite } = packSummary(values);
    expect(bytes.length).to.equal(summaryBytes(69));
    const summary = unpackSummary(bytes.buffer, 69, nonFinite);
    for (const { count, low, high } of [sumUpBlocks(values), summary]) {
      const blocks = [...Array(count).keys()];
      expect(blocks.map(low)).to.deep.equal([0, -1, 66]);
      expect(blocks.map(high)).to.deep.equal([14, -1, 64]);
    }
    expect([...summary.least]).to.deep.equal([0, NaN, values[66]]);
    expect([...summary.greatest]).to.deep.equal([values[14], NaN, values[64]]);
    expect([summary.first, summary.last]).to.deep.equal([values[0], values[68]]);
    expect(summary.nonFinite).to.equal(33);
  });

  it("packs a row of nothing", () => {
    const { bytes, nonFinite } = packSummary(new Float64Array(0));
    const { count, first } = unpackSummary(bytes.buffer, 0, nonFinite);
    expect([count, first, nonFinite]).to.deep.equal([0, undefined, 0]);
  });
});
