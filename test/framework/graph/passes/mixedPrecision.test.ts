import { expect } from "chai";
import { describe, it } from "mocha";

import {
  Graph,
  programFor,
  type GraphValue,
  type Program,
} from "../../../../framework/graph/graph.ts";
import { useMixedPrecision } from "../../../../framework/graph/passes/mixedPrecision.ts";
import { GraphBuilder } from "../../../../framework/onnx/lowering.ts";
import { encodeModel } from "../../../../framework/onnx/modelProto.ts";
import { allocate, RuntimeValue, Session } from "../../../../framework/runtime/session.ts";

const ops = ({ nodes }: Program): string[] =>
  nodes.map(({ op, outputs }) => `${op} ${outputs[0]!.dtype}`);

/** A graph whose nodes come from one kernel. */
function graphOf(kernel = "BatchMatMul"): { graph: Graph; builder: GraphBuilder } {
  const graph = new Graph();
  graph.kernel = kernel;
  return { graph, builder: new GraphBuilder(graph) };
}

function run(program: Program, inputs: readonly (readonly number[])[]): number[] {
  const { bytes, inputNames, outputNames } = encodeModel(program);
  const session = new Session(bytes, inputNames, outputNames, "all");
  const valueOf = ({ shape }: GraphValue, numbers: readonly number[]): RuntimeValue => {
    const array = allocate("float32", numbers.length);
    array.set(numbers);
    return new RuntimeValue(array, "float32", shape);
  };
  const [output] = program.outputs;
  const result = valueOf(output!, Array<number>(output!.shape.reduce((a, b) => a * b, 1)).fill(0));
  session
    .bind(
      program.inputs.map((value, i) => valueOf(value, inputs[i]!)),
      [result],
    )
    .run();
  session.dispose();
  return [...result.array];
}

describe("useMixedPrecision()", () => {
  const rounded = { type: "bfloat16", native: false } as const;
  const native = { type: "float16", native: true } as const;

  // bfloat16 has 8 bits and float16 11: 1 + 2^-8 is half way between 1 and 1 + 2^-7, and goes to
  // the even one; 1/3 becomes 171/512 or 1365/4096; sums near 2 become multiples of 2^-6 or 2^-9.
  const sums = [
    { type: "bfloat16", expected: 2 },
    { type: "float16", expected: 2.00390625 },
  ] as const;
  for (const { type, expected } of sums) {
    it(`rounds what a product reads and gives to ${type}`, () => {
      const { graph, builder } = graphOf();
      const [a, b] = [graph.input("float32", [1, 2]), graph.input("float32", [2, 1])];
      const program = programFor([builder.matMul(a, b)]);
      const mixed = useMixedPrecision(program, { graph, type, native: false });
      const numbers = [
        [1 + 2 ** -8, 3],
        [1, 1 / 3],
      ];
      expect(run(program, numbers)[0]).to.be.closeTo(2.00390625, 1e-6);
      expect(run(mixed, numbers)).to.deep.equal([expected]);
      const [down, up] = [`Cast ${type}`, "Cast float32"];
      const expectedOps = [down, up, down, up, "MatMul float32", down, up];
      expect(ops(mixed)).to.deep.equal(expectedOps);
    });
  }

  it("makes infinity of a float16 product above 65504", () => {
    const { graph, builder } = graphOf();
    const [a, b] = [graph.input("float32", [1, 1]), graph.input("float32", [1, 1])];
    const program = programFor([builder.matMul(a, b)]);
    const mixed = useMixedPrecision(program, { graph, type: "float16", native: false });
    expect(run(mixed, [[256], [255]])).to.deep.equal([65280]);
    expect(run(mixed, [[256], [256]])).to.deep.equal([Infinity]);
  });

  it("casts an array once for all products that read it", () => {
    const { graph, builder } = graphOf();
    const [x, w] = [graph.input("float32", [2, 2]), graph.input("float32", [2, 2])];
    const program = programFor([builder.matMul(x, w), builder.matMul(w, x)]);
    const casts = ops(useMixedPrecision(program, { graph, ...native })).filter(
      (op) => op === "Cast float16",
    );
    expect(casts).to.have.length(2);
  });

  it("leaves a device with half precision to move what lies between two products", () => {
    const { graph, builder } = graphOf();
    const [x, w] = [graph.input("float32", [2, 3]), graph.input("float32", [2, 2])];
    const moved = builder.transpose(builder.unary("Relu", builder.matMul(w, x)), [1, 0]);
    const program = programFor([builder.matMul(moved, w)]);
    const mixed = useMixedPrecision(program, { graph, ...native });
    expect(ops(mixed)).to.deep.equal([
      "Cast float16",
      "Cast float16",
      "MatMul float16",
      "Relu float16",
      "Transpose float16",
      "MatMul float16",
      "Cast float32",
    ]);
    expect(mixed.outputs).to.equal(program.outputs);
    // ONNX Runtime's CPU provider takes the types and computes in float32.
    const numbers = [
      [1, 2, 3, 4, 5, 6],
      [1, -1, 0, 1],
    ];
    expect(run(mixed, numbers)).to.deep.equal(run(program, numbers));
  });

  it("casts an array once that products read moved in several ways", () => {
    const { graph, builder } = graphOf("SeedbedConv2dFilterGradient");
    const [x, dy] = [graph.input("float32", [3, 2]), graph.input("float32", [1, 2])];
    const padded = builder.pad(x, [1, 0], [0, 0]);
    const taps = [0, 1, 2].map((i) =>
      builder.matMul(dy, builder.slice(padded, [i, 0], [i + 2, 2])),
    );
    const program = programFor([builder.concat(taps, 0)]);
    const numbers = [
      [1 + 2 ** -8, 1, 2, 3, 4, 5],
      [1, 1],
    ];
    for (const options of [rounded, native]) {
      const mixed = useMixedPrecision(program, { graph, ...options });
      const casts = ops(mixed).filter((op) => op === `Cast ${options.type}`);
      // x and dy; then the zero of the padding in one case, the three results in the other
      expect(casts).to.have.length(options === native ? 3 : 5);
    }
    const result = run(useMixedPrecision(program, { graph, ...rounded }), numbers);
    expect(result).to.deep.equal([1, 1, 3, 4, 6, 8]);
  });

  for (const { kernel, cast } of [
    { kernel: "SeedbedConv2d", cast: [5, 2] },
    { kernel: "GatherV2", cast: [4, 2] },
  ]) {
    it(`casts what the Gather of ${kernel} ${cast[0] === 5 ? "reads" : "gives"}`, () => {
      const { graph, builder } = graphOf(kernel);
      const [x, w] = [graph.input("float32", [5, 2]), graph.input("float32", [2, 3])];
      const places = [builder.integers([4, 0, 0, 1])];
      const rows = builder.node("Gather", [x, ...places], { shape: [4, 2], dtype: "float32" });
      graph.kernel = "SeedbedConv2d";
      const program = programFor([builder.matMul(rows, w)]);
      const mixed = useMixedPrecision(program, { graph, ...native });
      const casts = mixed.nodes.filter(({ outputs }) => outputs[0]!.dtype === "float16");
      const shapes = casts
        .filter(({ op }) => op === "Cast")
        .map(({ outputs }) => outputs[0]!.shape);
      expect(shapes).to.deep.equal([cast, [2, 3]]);
      const numbers = [
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        [1, 2, 3, 4, 5, 6],
      ];
      expect(run(mixed, numbers)).to.deep.equal(run(program, numbers));
    });
  }

  it("does not round again what was only moved since the last product", () => {
    const { graph, builder } = graphOf();
    const [x, w] = [graph.input("float32", [2, 2]), graph.input("float32", [2, 2])];
    const padded = builder.pad(builder.matMul(x, w), [0, 0], [1, 0]);
    const program = programFor([builder.matMul(padded, w)]);
    const mixed = useMixedPrecision(program, { graph, ...rounded });
    expect(ops(mixed).filter((op) => op === "Cast bfloat16")).to.have.length(4);
  });

  it("rounds what was computed since the last product", () => {
    const { graph, builder } = graphOf();
    const [x, w] = [graph.input("float32", [2, 2]), graph.input("float32", [2, 2])];
    const program = programFor([builder.matMul(builder.unary("Exp", builder.matMul(x, w)), w)]);
    const mixed = useMixedPrecision(program, { graph, ...rounded });
    expect(ops(mixed).filter((op) => op === "Cast bfloat16")).to.have.length(5);
  });

  const others = [
    {
      what: "reductions, softmax and exponentials",
      kernel: "Softmax",
      make: (builder: GraphBuilder, x: GraphValue) =>
        builder.sum(builder.unary("Exp", builder.unary("Softmax", x)), [0]),
    },
    {
      what: "products of a kernel that adds up rows with them",
      kernel: "UnsortedSegmentSum",
      make: (builder: GraphBuilder, x: GraphValue) => builder.matMul(x, x),
    },
  ];
  for (const { what, kernel, make } of others) {
    it(`leaves ${what} in float32`, () => {
      const { graph, builder } = graphOf(kernel);
      const program = programFor([make(builder, graph.input("float32", [2, 2]))]);
      expect(useMixedPrecision(program, { graph, ...native })).to.deep.equal(program);
    });
  }
});
