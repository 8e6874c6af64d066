import { expect } from "chai";
import { describe, it } from "mocha";

import { framePositions } from "../../../framework/models/patchPositions.ts";

describe("framePositions()", () => {
  it("numbers the patches of a whole frame in order", () => {
    for (const side of [2, 7, 32]) {
      const positions = framePositions({ rows: side, columns: side, side });
      expect([...positions]).to.deep.equal([...positions.keys()]);
    }
  });

  it("spreads a smaller picture over the table", () => {
    expect([...framePositions({ rows: 1, columns: 2, side: 4 })]).to.deep.equal([0, 2]);
  });

  it("gives padding at the right and bottom place 0", () => {
    const frame = { rows: 3, columns: 3, side: 4, validRows: 2, validColumns: 2 };
    expect([...framePositions(frame)]).to.deep.equal([0, 2, 0, 8, 10, 0, 0, 0, 0]);
  });
});
