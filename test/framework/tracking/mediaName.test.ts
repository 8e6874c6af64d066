import { expect } from "chai";
import { describe, it } from "mocha";

import { mediaName } from "../../../framework/tracking/mediaName.ts";

describe("mediaName()", () => {
  it("is the key where it can be a path", () => {
    const keys = ["loss", "val/sample.1", "val/größe_2"];
    expect(keys.map(mediaName)).to.deep.equal(keys);
  });

  it("tells keys apart whose paths would be one", () => {
    const names = ["s/a_b", "s/a b", "s/a:b", "s//a_b", "/s/a_b"].map(mediaName);
    expect(names.slice(0, 2)).to.deep.equal(["s/a_b", "s/a_b_cc974cc6"]);
    expect(new Set(names).size).to.equal(5);
  });

  it("is no longer than file systems allow, and still one key's alone", () => {
    const keys = ["1", "2"].flatMap((end) => ["x", "猫", "a/"].map((c) => c.repeat(300) + end));
    const names = keys.map(mediaName);
    for (const name of names) {
      expect(Buffer.byteLength(name)).to.be.at.most(169);
      expect(name).to.match(/^[x猫a/]+_[0-9a-f]{8}$/);
    }
    expect(new Set(names).size).to.equal(6);
  });
});
