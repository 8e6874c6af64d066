import { expect } from "chai";
import { describe, it } from "mocha";

import { divideSizes } from "../../../framework/training/divideSizes.ts";

const sizes = new Map([
  ["a", 1],
  ["b", 5],
  ["c", 4],
  ["d", 2],
  ["e", 2],
]);

describe("divideSizes()", () => {
  it("gives each about as much, in the order of the names", () => {
    expect([...divideSizes(sizes, 2)]).to.deep.equal([
      ["a", 1],
      ["b", 0],
      ["c", 1],
      ["d", 1],
      ["e", 0],
    ]);
  });

  it("leaves some without any where there are more of them", () => {
    expect(new Set(divideSizes(sizes, 7).values()).size).to.equal(5);
  });
});
