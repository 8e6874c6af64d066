import { expect } from "chai";
import { describe, it } from "mocha";

import { lineBatches } from "../../../../../framework/tracking/wandb/sync/lineBatches.ts";

describe("lineBatches()", () => {
  const shape = (lines: string[], from = 0) =>
    [...lineBatches(lines, from)].map(({ first, lines: batch, end }) => [first, batch.length, end]);

  it("cuts at 2000 lines, from where it is told", () => {
    const lines = Array.from({ length: 4500 }, () => "{}");
    expect(shape(lines)).to.deep.equal([
      [0, 2000, 2000],
      [2000, 2000, 4000],
      [4000, 500, 4500],
    ]);
    expect(shape(lines, 4400)).to.deep.equal([[4400, 100, 4500]]);
    expect(shape(lines, 4500)).to.deep.equal([]);
  });

  it("cuts at 4 MB, but sends a longer line by itself", () => {
    const lines = [3e6, 2e6, 5e6, 10].map((size) => "x".repeat(size));
    expect(shape(lines)).to.deep.equal([
      [0, 1, 1],
      [1, 1, 2],
      [2, 1, 3],
      [3, 1, 4],
    ]);
  });

  it("sends an empty row for one that W&B does not take", () => {
    const [batch] = lineBatches(["x".repeat(9_900_001)], 0);
    expect(batch!.lines).to.deep.equal(["{}"]);
  });
});
