import { expect } from "chai";
import { describe, it } from "mocha";

import { blockCuts } from "../../../../framework/serve/conversation/blockCut.ts";

describe("blockCuts()", () => {
  const counts = [30, 30, 30, 30, 30, 30];

  it("cuts nothing where nothing is too much", () => {
    expect(blockCuts(counts, 0, 50)).to.deep.equal([]);
    expect(blockCuts(counts, -7, 50)).to.deep.equal([]);
  });

  it("cuts whole blocks, at the ends of units", () => {
    expect(blockCuts(counts, 1, 50)).to.deep.equal([2]);
    expect(blockCuts(counts, 51, 50)).to.deep.equal([2, 4]);
  });

  it("cuts at the same places while a conversation grows by less than a block", () => {
    const grown = [...counts, 30];
    for (const excess of [1, 20, 50]) expect(blockCuts(grown, excess, 50)).to.deep.equal([2]);
    expect(blockCuts(grown, 60, 50)).to.deep.equal([2, 4]);
  });

  it("cuts once where a unit is larger than blocks, and all there is at most", () => {
    expect(blockCuts([500, 30], 120, 50)).to.deep.equal([1]);
    expect(blockCuts(counts, 1000, 50)).to.deep.equal([2, 4, 5, 6]);
  });
});
