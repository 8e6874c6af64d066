import { expect } from "chai";
import { describe, it } from "mocha";

import { DistinctPaths } from "../../../framework/tracking/distinctPaths.ts";

describe("DistinctPaths", () => {
  it("keeps keys that are paths, and gives a key its path again", () => {
    const paths = new DistinctPaths();
    expect(["train/loss", "val/größe", "train/loss"].map((key) => paths.of(key))).to.deep.equal([
      "train/loss",
      "val/größe",
      "train/loss",
    ]);
  });

  it("tells keys apart whose paths would be one", () => {
    const paths = new DistinctPaths();
    expect(["a b", "a:b", "a_b", "../a b"].map((key) => paths.of(key))).to.deep.equal([
      "a_b",
      "a_b_",
      "a_b__",
      "_/a_b",
    ]);
  });

  it("puts no file where there is a folder, and none below a file", () => {
    const paths = new DistinctPaths();
    expect(["loss", "loss/a", "acc/b", "acc"].map((key) => paths.of(key))).to.deep.equal([
      "loss",
      "loss_a",
      "acc/b",
      "acc_",
    ]);
  });

  it("shortens what a file system would not take", () => {
    const paths = new DistinctPaths();
    const [first, second] = ["1", "2"].map((end) => paths.of(`${"é".repeat(200)}${end}`));
    expect(Buffer.byteLength(first!)).to.be.below(200);
    expect(first).not.to.equal(second);
  });
});
