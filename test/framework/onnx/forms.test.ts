import { expect } from "chai";
import { describe, it } from "mocha";

import { channelBlock } from "../../../framework/backend/channelBlock.ts";
import { newValue } from "../../../framework/backend/hostValue.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { Graph, programFor, type GraphValue } from "../../../framework/graph/graph.ts";
import type { Forms } from "../../../framework/onnx/forms.ts";
import { GraphBuilder, type Lowering } from "../../../framework/onnx/lowering.ts";
import {
  SeedbedConv2d,
  SeedbedConv2dFilterGradient,
  SeedbedConv2dInputGradient,
} from "../../../framework/onnx/lowerings/convolution.ts";
import { encodeModel } from "../../../framework/onnx/modelProto.ts";
import { Session } from "../../../framework/runtime/session.ts";

const geometry = { strides: [1, 1] as const, pads: [1, 1, 1, 1] as const };
const images = [2, 16, 5, 6];
const filterShape = [16, 16, 3, 3];

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
  formsAgree({
    title: "a convolution",
    lowering: SeedbedConv2d,
    inputs: { x: images, filter: filterShape },
    attributes: geometry,
    forms: ["plain"],
  });
  formsAgree({
    title: "its gradient for the input",
    lowering: SeedbedConv2dInputGradient,
    inputs: { dy: images, filter: filterShape },
    attributes: { ...geometry, inputShape: images },
    forms: ["transposed", "turned", "columns"],
  });
  formsAgree({
    title: "its gradient for the filter",
    lowering: SeedbedConv2dFilterGradient,
    inputs: { x: images, dy: images },
    attributes: { ...geometry, filterShape },
    forms: ["productPerImage", "productPerTap", "oneProduct", "columns"],
  });
});
