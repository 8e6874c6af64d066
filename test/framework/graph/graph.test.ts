import { expect } from "chai";
import { describe, it } from "mocha";

import {
  describeNode,
  Graph,
  programFor,
  structureKey,
  type Attributes,
  type GraphValue,
} from "../../../framework/graph/graph.ts";

function relu(graph: Graph, x: GraphValue, attributes: Attributes = {}): GraphValue {
  return graph.node("Relu", [x], attributes, [x])[0]!;
}

function keyOf(build: (graph: Graph) => GraphValue[]): string {
  return structureKey(programFor(build(new Graph())));
}

describe("programFor()", () => {
  it("takes what the outputs need, in recorded order", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("float32", [2]), graph.input("float32", [2])];
    const two = graph.constant("float32", Float32Array.of(2), []);
    const first = relu(graph, a);
    relu(graph, b);
    const [second] = graph.node("Mul", [first, two], {}, [a]);
    const program = programFor([second!]);
    expect(program.nodes.map(({ op }) => op)).to.deep.equal(["Relu", "Mul"]);
    expect(program.inputs).to.deep.equal([a]);
    expect(program.constants).to.deep.equal([two]);
  });

  it("starts from values that are given", () => {
    const graph = new Graph();
    const first = relu(graph, graph.input("float32", [2]));
    const second = relu(graph, first);
    const program = programFor([second], new Set([first]));
    expect(program.inputs).to.deep.equal([first]);
    expect(program.nodes).to.have.length(1);
  });
});

describe("Graph.constant()", () => {
  it("makes small equal constants one, and keeps unlike ones apart", () => {
    const graph = new Graph();
    const constant = (value: number): GraphValue =>
      graph.constant("float32", Float32Array.of(value), []);
    expect(constant(1)).to.equal(constant(1));
    expect(constant(0)).to.not.equal(constant(-0));
    expect(constant(1)).to.not.equal(graph.constant("int32", Int32Array.of(1), []));
    expect(constant(1)).to.not.equal(graph.constant("float32", Float32Array.of(1), [1]));
  });
});

describe("structureKey()", () => {
  const plain = keyOf((graph) => [relu(graph, graph.input("float32", [2]))]);

  it("is the same for the same structure", () => {
    expect(keyOf((graph) => [relu(graph, graph.input("float32", [2]))])).to.equal(plain);
  });

  const different: Record<string, (graph: Graph) => GraphValue[]> = {
    shape: (graph) => [relu(graph, graph.input("float32", [1, 2]))],
    type: (graph) => [relu(graph, graph.input("int32", [2]))],
    operator: (graph) => [
      graph.node("Abs", [graph.input("float32", [2])], {}, [{ shape: [2], dtype: "float32" }])[0]!,
    ],
    domain: (graph) => {
      const x = graph.input("float32", [2]);
      return [graph.node("Relu", [x], {}, [x], "com.microsoft")[0]!];
    },
    attribute: (graph) => [relu(graph, graph.input("float32", [2]), { alpha: { float: 1 } })],
    "attribute that is not finite": (graph) => [
      relu(graph, graph.input("float32", [2]), { alpha: { float: NaN } }),
    ],
    "attribute that is infinite": (graph) => [
      relu(graph, graph.input("float32", [2]), { alpha: { float: Infinity } }),
    ],
    "attribute that is zero": (graph) => [
      relu(graph, graph.input("float32", [2]), { alpha: { float: 0 } }),
    ],
    "attribute that is negative zero": (graph) => [
      relu(graph, graph.input("float32", [2]), { alpha: { float: -0 } }),
    ],
    outputs: (graph) => {
      const x = graph.input("float32", [2]);
      return [relu(graph, x), x];
    },
    wiring: (graph) => {
      const x = graph.input("float32", [2]);
      relu(graph, x);
      return [relu(graph, relu(graph, x))];
    },
  };
  const keys = new Map(Object.entries(different).map(([name, build]) => [name, keyOf(build)]));
  for (const [name, key] of keys) {
    it(`differs with another ${name}`, () => {
      expect(key).to.not.equal(plain);
      for (const [other, otherKey] of keys) if (other !== name) expect(key).to.not.equal(otherKey);
    });
  }

  it("differs with the values of constants", () => {
    const [one, two] = [1, 2].map((value) =>
      keyOf((graph) => [relu(graph, graph.constant("float32", Float32Array.of(value), []))]),
    );
    expect(one).to.not.equal(two);
  });
});

describe("describeNode()", () => {
  it("names operator, shapes and kernel", () => {
    const graph = new Graph();
    graph.kernel = "Relu6";
    const y = relu(graph, graph.input("float32", [2, 3]));
    expect(describeNode(y.node!)).to.equal("Relu([2, 3]) of kernel Relu6");
  });
});
