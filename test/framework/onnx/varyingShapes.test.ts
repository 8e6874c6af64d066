import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { runOnnx } from "../../../framework/cli/exporting/checkOnnx.ts";
import { Graph, programFor, type GraphValue } from "../../../framework/graph/graph.ts";
import type { Lengths } from "../../../framework/onnx/lengths.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { withVaryingShapes } from "../../../framework/onnx/varyingShapes.ts";
import { writeModel } from "../../../framework/onnx/writeModel.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Build = (builder: GraphBuilder, x: GraphValue, lengths: Lengths) => GraphValue;

/** Sizes to record: all of them, each doubled, and another to check with. */
const sizes = [
  { rows: 2, columns: 3 },
  { rows: 4, columns: 3 },
  { rows: 2, columns: 6 },
  { rows: 6, columns: 9 },
] as const;

/** Writes `build` of `x [rows, columns]` for any sizes. */
function writeVarying(file: string, build: Build): void {
  const recorded = sizes.map((lengths) => {
    const graph = new Graph();
    const x = graph.input("float32", [lengths.rows, lengths.columns]);
    const program = programFor([build(new GraphBuilder(graph), x, lengths)]);
    return { graph, x, sized: { program, lengths } };
  });
  const [{ graph, x, sized }, ...others] = [recorded[0]!, ...recorded.slice(1)];
  const sources = { rows: { input: x, axis: 0 }, columns: { input: x, axis: 1 } };
  const program = withVaryingShapes(
    sized,
    others.map((each) => each.sized),
    { graph, sources },
  );
  const dims = new Map([
    [x, ["rows", "columns"]],
    [program.outputs[0]!, program.outputs[0]!.shape.map((_, axis) => `side ${axis}`)],
  ]);
  writeModel(file, program, { inputNames: ["x"], outputNames: ["y"], dims, weights: new Map() });
}

describe("withVaryingShapes()", () => {
  const folder = temporaryFolder();
  const numbers = hostTensor(
    Float32Array.from({ length: 20 }, (_, i) => i),
    [5, 4],
  );

  for (const { title, build, shape } of [
    {
      title: "a product of lengths",
      build: (builder, x, { rows, columns }) => builder.reshape(x, [rows! * columns!]),
      shape: [20],
    },
    {
      title: "a quotient",
      build: (builder, x, { rows, columns }) => builder.reshape(x, [(rows! * columns!) / 2, 2]),
      shape: [10, 2],
    },
    {
      title: "a length and one more",
      build: (builder, x, { rows, columns }) =>
        builder.reshape(builder.pad(x, [0, 0], [0, 1]), [1, rows! * (columns! + 1)]),
      shape: [1, 25],
    },
    {
      title: "the end of a slice",
      build: (builder, x, { rows }) => builder.slice(x, [0, 1], [rows!, 3]),
      shape: [5, 2],
    },
  ] as { title: string; build: Build; shape: number[] }[]) {
    it(`computes ${title} from the input's shape`, async () => {
      writeVarying(folder.path("m.onnx"), build);
      const outputs = await runOnnx(folder.path("m.onnx"), new Map([["x", numbers]]));
      expect(outputs.get("y")!.shape).to.deep.equal(shape);
    });
  }

  it("gives the same values", async () => {
    const build: Build = (builder, x, { rows, columns }) =>
      builder.reshape(builder.transpose(x, [1, 0]), [rows! * columns!]);
    writeVarying(folder.path("m.onnx"), build);
    const outputs = await runOnnx(folder.path("m.onnx"), new Map([["x", numbers]]));
    const expected = [0, 4, 8, 12, 16, 1, 5, 9, 13, 17, 2, 6, 10, 14, 18, 3, 7, 11, 15, 19];
    expect([...outputs.get("y")!.values]).to.deep.equal(expected);
  });

  for (const { title, build } of [
    {
      title: "numbers that depend on a length",
      build: (builder, x, { rows }) => builder.mul(x, builder.scalar(1 / rows!)),
    },
    {
      title: "other operators for other lengths",
      build: (builder, x, { rows }) => builder.unary(rows! > 2 ? "Neg" : "Abs", x),
    },
    {
      title: "lengths that grow otherwise",
      build: (builder, x, { rows, columns }) =>
        builder.broadcastTo(builder.reshape(x, [1, rows!, columns!]), [
          rows! + columns!,
          rows!,
          columns!,
        ]),
    },
  ] as { title: string; build: Build }[]) {
    it(`refuses ${title}`, () => {
      expect(() => writeVarying(folder.path("m.onnx"), build)).to.throw("Cannot let lengths vary");
    });
  }
});
