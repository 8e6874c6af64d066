import { expect } from "chai";
import { describe, it } from "mocha";

import type { Rank4 } from "../../../framework/base/shape.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { Graph, programFor } from "../../../framework/graph/graph.ts";
import { inputGradientByColumns } from "../../../framework/onnx/columnConvolution.ts";
import { geometryOf } from "../../../framework/onnx/convolutionGeometry.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";

interface Case {
  title: string;
  images: Rank4;
  filter: Rank4;
  strides: readonly [number, number];
}

const cases: Case[] = [
  {
    title: "patches side by side",
    images: [4, 3, 96, 96],
    filter: [8, 3, 24, 24],
    strides: [24, 24],
  },
  {
    title: "one tap for each pixel",
    images: [4, 2, 16, 16],
    filter: [8, 2, 16, 16],
    strides: [1, 1],
  },
];

/** Elements of the largest value, constants among them. */
function largestValue({ images, filter, strides }: Case): number {
  const builder = new GraphBuilder(new Graph(), {});
  const geometry = geometryOf(images, filter, { strides, pads: [0, 0, 0, 0] });
  const dy = builder.graph.input("float32", [images[0], filter[0], ...geometry.outputSize]);
  const weights = builder.graph.input("float32", filter);
  const gradient = inputGradientByColumns(builder, dy, weights, geometry);
  const values = programFor([gradient]).nodes.flatMap(({ inputs, outputs }) => [
    ...inputs,
    ...outputs,
  ]);
  return Math.max(...values.map((value) => (value ? sizeOf(value.shape) : 0)));
}

describe("inputGradientByColumns()", () => {
  for (const each of cases) {
    it(`makes nothing larger than the images or the filter: ${each.title}`, () => {
      const given = Math.max(sizeOf(each.images), sizeOf(each.filter));
      expect(largestValue(each)).to.equal(given);
    });
  }
});
