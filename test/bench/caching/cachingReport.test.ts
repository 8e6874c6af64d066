import { expect } from "chai";
import { describe, it } from "mocha";

import { cachingRows, cachingTable } from "./cachingReport.ts";

const report = {
  cachedMs: 200,
  encodedMs: 250,
  ratio: 1.26,
  quartiles: [1.2, 1.31] as const,
  peakMb: 700,
};

describe("cachingTable()", () => {
  it("says how many times as many steps there are, and how many there are to be", () => {
    const [, , encoded, cached] = cachingTable(report).split("\n");
    expect(encoded).to.match(/encoded in every step +\| +250 \| +1\.00/);
    expect(cached).to.match(/latents cached +\| +200 \| +1\.26 \| +1\.20-1\.31 \| +>= 1\.2 \|/);
  });
});

describe("cachingRows()", () => {
  it("have a row for each way", () => {
    expect(cachingRows(report).map(({ name, ms }) => [name, ms])).to.deep.equal([
      ["dreambooth-caching cached", 200],
      ["dreambooth-caching encoded", 250],
    ]);
  });
});
