import { expect } from "chai";
import { describe, it } from "mocha";

import { groupByLayer } from "../../../framework/nn/groupByLayer.ts";

const parameters = new Map([
  ["conv_in.weight", 1],
  ["conv_in.bias", 2],
  ["down.0.norm.weight", 3],
  ["down.1.norm.weight", 4],
  ["scale", 5],
]);

/** Layers with the values of their parameters. */
function grouped(maxDepth: number): [string, number[]][] {
  return [...groupByLayer(parameters, maxDepth)].map(([layer, members]) => [
    layer,
    [...members.values()],
  ]);
}

describe("groupByLayer()", () => {
  it("takes the first part of the names", () => {
    expect(grouped(1)).to.deep.equal([
      ["conv_in", [1, 2]],
      ["down", [3, 4]],
      ["scale", [5]],
    ]);
  });

  it("has the layers within layers as well", () => {
    expect(grouped(2)).to.deep.equal([
      ["conv_in", [1, 2]],
      ["down", [3, 4]],
      ["down.0", [3]],
      ["down.1", [4]],
      ["scale", [5]],
    ]);
    expect(grouped(-1).map(([layer]) => layer)).to.deep.equal([
      "conv_in",
      "down",
      "down.0",
      "down.0.norm",
      "down.1",
      "down.1.norm",
      "scale",
    ]);
  });

  it("keeps the parameters' full names", () => {
    expect([...groupByLayer(parameters, 1).get("conv_in")!.keys()]).to.deep.equal([
      "conv_in.weight",
      "conv_in.bias",
    ]);
  });
});
