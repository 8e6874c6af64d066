import { expect } from "chai";
import { describe, it } from "mocha";

import { channelBlock } from "../../../framework/backend/channelBlock.ts";
import { newValue } from "../../../framework/backend/hostValue.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { Graph, programFor, type GraphValue } from "../../../framework/graph/graph.ts";
import {
  geometryOf,
  type ConvolutionAttributes,
} from "../../../framework/onnx/convolutionGeometry.ts";
import type { Forms } from "../../../framework/onnx/forms.ts";
import { GraphBuilder, type Lowering } from "../../../framework/onnx/lowering.ts";
import {
  SeedbedConv2d,
  SeedbedConv2dFilterGradient,
  SeedbedConv2dInputGradient,
} from "../../../framework/onnx/lowerings/convolution.ts";
import { encodeModel } from "../../../framework/onnx/modelProto.ts";
import { Session } from "../../../framework/runtime/session.ts";

interface Geometry {
  title: string;
  attributes: ConvolutionAttributes;
  images: [number, number, number, number];
  filterShape: [number, number, number, number];
}

const even: ConvolutionAttributes = { strides: [1, 1], pads: [1, 1, 1, 1] };
const uneven: ConvolutionAttributes = { strides: [2, 1], pads: [0, 1, 2, 0] };

const geometries: Geometry[] = [
  { title: "of two images", attributes: even, images: [2, 16, 5, 6], filterShape: [16, 16, 3, 3] },
  { title: "of small images", attributes: even, images: [5, 6, 4, 4], filterShape: [7, 6, 3, 3] },
  { title: "of one position", attributes: even, images: [6, 3, 1, 1], filterShape: [4, 3, 3, 3] },
  { title: "with steps", attributes: uneven, images: [5, 4, 7, 6], filterShape: [6, 4, 3, 2] },
  {
    title: "with many filters",
    attributes: even,
    images: [4, 3, 5, 4],
    filterShape: [72, 3, 3, 3],
  },
  { title: "of large images", attributes: even, images: [8, 3, 9, 10], filterShape: [5, 3, 3, 3] },
  {
    title: "of those, many filters",
    attributes: uneven,
    images: [8, 2, 18, 9],
    filterShape: [66, 2, 3, 3],
  },
];

interface Case<A> {
  title: string;
  lowering: Lowering<A>;
  inputs: Record<string, number[]>;
  attributes: A;
  forms: readonly string[];
}

/** Computes it in one form, what that form is made of as usual; notes which forms there were. */
function compute<A>(
  { lowering, inputs, attributes }: Case<A>,
  form?: string,
): [number[], string[]] {
  const graph = new Graph();
  let known: string[] = [];
  const chooseForm = ({ forms, usual }: Forms): string => {
    if (known.length > 0) return usual;
    known = Object.keys(forms);
    return form ?? usual;
  };
  const builder = new GraphBuilder(graph, { channelBlock: channelBlock(), chooseForm });
  const places = Object.entries(inputs).map(
    ([name, shape]) => [name, graph.input("float32", shape)] as const,
  );
  const output = lowering(builder, Object.fromEntries(places), attributes);
  if (!output || !("id" in output)) throw new Error("Expected one output");
  return [valuesOf(output), known];
}

function valuesOf(output: GraphValue): number[] {
  const program = programFor([output]);
  const { bytes, inputNames, outputNames } = encodeModel(program);
  const session = new Session(bytes, inputNames, outputNames);
  const values = program.inputs.map((input, i) => {
    const value = newValue(input);
    value.array.set(new RandomStream(3, `input ${i}`).normals(sizeOf(input.shape)));
    return value;
  });
  const result = newValue(output);
  session.bind(values, [result]).run();
  session.dispose();
  return [...result.array];
}

function formsAgree<A>(each: Case<A>): void {
  it(`of ${each.title} all give the same`, () => {
    const [expected, known] = compute(each);
    expect(known).to.include.members([...each.forms]);
    for (const form of known) {
      const [actual] = compute(each, form);
      const largest = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
      expect(largest, form).to.be.lessThan(1e-4);
    }
  });
}

describe("forms", () => {
  for (const { title, attributes, images, filterShape } of geometries) {
    const { outputSize } = geometryOf(images, filterShape, attributes);
    const output = [images[0], filterShape[0], ...outputSize];
    const isDense = attributes.strides.every((stride) => stride === 1);
    formsAgree({
      title: `a convolution ${title}`,
      lowering: SeedbedConv2d,
      inputs: { x: images, filter: filterShape, bias: [filterShape[0]] },
      attributes,
      forms: ["plain", "columns"],
    });
    formsAgree({
      title: `the gradient for the input ${title}`,
      lowering: SeedbedConv2dInputGradient,
      inputs: { dy: output, filter: filterShape },
      attributes: { ...attributes, inputShape: images },
      forms: ["transposed", "columns", ...(isDense ? ["turned"] : [])],
    });
    formsAgree({
      title: `the gradient for the filter ${title}`,
      lowering: SeedbedConv2dFilterGradient,
      inputs: { x: images, dy: output },
      attributes: { ...attributes, filterShape },
      forms: ["productPerImage", "productPerTap", "oneProduct", "columns"],
    });
  }
});
