import { expect } from "chai";
import { describe, it } from "mocha";

import { Graph, programFor, type Program } from "../../../../framework/graph/graph.ts";
import { viewsAtTheBorder } from "../../../../framework/graph/passes/viewsAtTheBorder.ts";
import { GraphBuilder } from "../../../../framework/onnx/lowering.ts";

const ops = ({ nodes }: Program): string[] => nodes.map(({ op }) => op);
const shapes = (values: Program["inputs"]): string[] => values.map(({ shape }) => shape.join("x"));

describe("viewsAtTheBorder()", () => {
  const graph = new Graph();
  const builder = new GraphBuilder(graph);
  const x = graph.input("float32", [2, 6]);

  it("takes an input in the shape that it is read in", () => {
    const program = programFor([builder.unary("Exp", builder.reshape(x, [12]))]);
    const viewed = viewsAtTheBorder(program, graph);
    expect(ops(viewed.program)).to.deep.equal(["Exp"]);
    expect(shapes(viewed.program.inputs)).to.deep.equal(["12"]);
    expect(viewed.inputs).to.deep.equal([x]);
  });

  it("takes an input once for each shape", () => {
    const flat = builder.unary("Exp", builder.reshape(x, [12]));
    const again = builder.reshape(builder.reshape(x, [3, 4]), [12, 1]);
    const program = programFor([builder.unary("Exp", x), flat, builder.unary("Exp", again)]);
    const viewed = viewsAtTheBorder(program, graph);
    expect(ops(viewed.program)).to.deep.equal(["Exp", "Exp", "Exp"]);
    expect(shapes(viewed.program.inputs)).to.have.members(["2x6", "12", "12x1"]);
    expect(viewed.inputs).to.deep.equal([x, x, x]);
  });

  it("gives an output in the shape that it is computed in", () => {
    const reshaped = builder.reshape(builder.reshape(builder.unary("Exp", x), [12]), [3, 4]);
    const viewed = viewsAtTheBorder(programFor([reshaped]), graph);
    expect(ops(viewed.program)).to.deep.equal(["Exp"]);
    expect(shapes(viewed.program.outputs)).to.deep.equal(["2x6"]);
  });

  it("keeps the reshape that the program itself reads", () => {
    const reshaped = builder.reshape(builder.unary("Exp", x), [12]);
    const program = programFor([reshaped, builder.unary("Neg", reshaped)]);
    const viewed = viewsAtTheBorder(program, graph);
    expect(ops(viewed.program)).to.deep.equal(["Exp", "Reshape", "Neg"]);
    expect(shapes(viewed.program.outputs)).to.deep.equal(["2x6", "12"]);
  });

  it("copies where an output would be an input, or one value two outputs", () => {
    const value = builder.unary("Exp", x);
    const program = programFor([
      builder.reshape(x, [12]),
      value,
      builder.reshape(value, [4, 3]),
      builder.reshape(builder.scalar(1), [1]),
    ]);
    const viewed = viewsAtTheBorder(program, graph);
    expect(viewed.program.outputs).to.deep.equal(program.outputs);
    expect(ops(viewed.program)).to.deep.equal(["Exp", "Reshape", "Reshape", "Reshape"]);
  });

  it("stops at what another program computed", () => {
    const given = builder.unary("Exp", x);
    const program = programFor([builder.reshape(given, [12])], new Set([given]));
    const viewed = viewsAtTheBorder(program, graph);
    expect(ops(viewed.program)).to.deep.equal(["Reshape"]);
    expect(viewed.inputs).to.deep.equal([given]);
  });
});
