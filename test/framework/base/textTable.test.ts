import { expect } from "chai";
import { describe, it } from "mocha";

import { textTable } from "../../../framework/base/textTable.ts";

describe("textTable()", () => {
  it("lines up the cells of each column", () => {
    const rows = [
      ["layer", "parameters", "state"],
      ["a", "1,000"],
      ["longer", "5", "frozen"],
    ];
    expect(textTable(rows, [1])).to.deep.equal([
      "layer   parameters  state",
      "a            1,000",
      "longer           5  frozen",
    ]);
  });

  it("has no line for no row", () => {
    expect(textTable([])).to.deep.equal([]);
  });
});
