import { expect } from "chai";
import { describe, it } from "mocha";

import { shown } from "../../../framework/base/shown.ts";

describe("shown()", () => {
  it("is a value's JSON", () => {
    expect([shown([1, "a"]), shown(undefined), shown(null)]).to.deep.equal([
      '[1,"a"]',
      "undefined",
      "null",
    ]);
  });

  it("cuts what is long, and has no end of the stack for what is deep", () => {
    expect(shown("x".repeat(500))).to.have.length(101);
    const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    expect(shown(deep)).to.equal("what is nested too deeply to show");
  });
});
