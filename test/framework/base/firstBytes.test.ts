import { expect } from "chai";
import { describe, it } from "mocha";

import { firstBytes } from "../../../framework/base/firstBytes.ts";

describe("firstBytes()", () => {
  it("cuts no character", () => {
    expect(firstBytes("abc", 2)).to.equal("ab");
    expect(firstBytes("aé😀b", 3)).to.equal("aé");
    expect(firstBytes("aé😀b", 6)).to.equal("aé");
    expect(firstBytes("aé😀b", 7)).to.equal("aé😀");
  });

  it("is all of a text that has room", () => {
    expect(firstBytes("aé", 9)).to.equal("aé");
    expect(firstBytes("", 0)).to.equal("");
  });
});
