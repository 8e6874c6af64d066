import { expect } from "chai";
import { describe, it } from "mocha";

import { Graph, programFor } from "../../../framework/graph/graph.ts";
import { convolve } from "../../../framework/onnx/convolve.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";

const attributes = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;

/** Operators of a convolution of 3 x 3 with as many filters as channels. */
function operatorsOf(images: number, channels: number, side: number): string[] {
  const builder = new GraphBuilder(new Graph(), {});
  const x = builder.graph.input("float32", [images, channels, side, side]);
  const filter = builder.graph.input("float32", [channels, channels, 3, 3]);
  const output = convolve(builder, x, filter, undefined, attributes);
  expect(output.shape).to.deep.equal(x.shape);
  return programFor([output]).nodes.map(({ op }) => op);
}

describe("convolve()", () => {
  it("takes the columns of small images", () => {
    expect(operatorsOf(32, 256, 8))
      .to.include("MatMul")
      .and.not.to.include("Conv");
  });

  it("takes no columns that are large, unless an image has a few positions alone", () => {
    expect(operatorsOf(128, 256, 8)).to.deep.equal(["Conv"]);
    expect(operatorsOf(512, 1024, 2))
      .to.include("MatMul")
      .and.not.to.include("Conv");
  });
});
