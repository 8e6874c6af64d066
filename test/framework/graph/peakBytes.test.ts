import { expect } from "chai";
import { describe, it } from "mocha";

import { Graph, programFor, type GraphValue } from "../../../framework/graph/graph.ts";
import { peakBytes } from "../../../framework/graph/peakBytes.ts";

const kilobyte = 256; // float32

/** One graph's operators on vectors of `size` elements. */
function unaryIn(graph: Graph) {
  return (op: string, value: GraphValue, size: number): GraphValue =>
    graph.node(op, [value], {}, [{ shape: [size], dtype: "float32" }])[0]!;
}

describe("peakBytes()", () => {
  it("counts what is alive at once, without inputs and outputs", () => {
    const graph = new Graph();
    const unary = unaryIn(graph);
    const x = graph.input("float32", [kilobyte]);
    const a = unary("Sin", x, kilobyte);
    const b = unary("Sin", a, kilobyte);
    const c = unary("Sin", b, kilobyte); // a is free
    const sum = graph.node("Add", [b, c], {}, [{ shape: [kilobyte], dtype: "float32" }])[0]!;
    expect(peakBytes(programFor([sum]))).to.deep.equal({ released: 2048, kept: 2048 });
  });

  it("counts memory that waits for a value of the same size", () => {
    const graph = new Graph();
    const unary = unaryIn(graph);
    const x = graph.input("float32", [kilobyte]);
    const a = unary("Sin", x, kilobyte);
    const b = unary("Tile", a, 3 * kilobyte);
    const c = unary("Tile", b, 2 * kilobyte); // a is free
    const d = unary("Slice", c, kilobyte); // where a was
    const last = unary("Sin", d, 5);
    expect(peakBytes(programFor([last]))).to.deep.equal({
      released: (3 + 2) * 1024,
      kept: (1 + 3 + 2) * 1024,
    });
  });

  it("counts a view once, and that of an input not at all", () => {
    const graph = new Graph();
    const unary = unaryIn(graph);
    const x = graph.input("float32", [kilobyte]);
    const view = unary("Reshape", x, kilobyte);
    const a = unary("Sin", view, kilobyte);
    const b = unary("Reshape", a, kilobyte);
    const c = unary("Sin", b, kilobyte);
    const last = unary("Sin", c, 5);
    expect(peakBytes(programFor([last])).released).to.equal(2048);
  });
});
