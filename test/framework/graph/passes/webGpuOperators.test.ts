import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { sizeOf } from "../../../../framework/base/shape.ts";
import { Graph, programFor, type Program } from "../../../../framework/graph/graph.ts";
import { useWebGpuOperators } from "../../../../framework/graph/passes/webGpuOperators.ts";
import { GraphBuilder } from "../../../../framework/onnx/lowering.ts";
import { encodeModel } from "../../../../framework/onnx/modelProto.ts";
import { allocate, RuntimeValue, Session } from "../../../../framework/runtime/session.ts";

const ops = ({ nodes }: Program): string[] => nodes.map(({ op }) => op);

/** Runs a program with one output on random inputs. */
function run(program: Program): number[] {
  const { bytes, inputNames, outputNames } = encodeModel(program);
  const session = new Session(bytes, inputNames, outputNames, "none");
  const random = new RandomStream(1, "inputs");
  const values = [...program.inputs, program.outputs[0]!].map(({ shape }) => {
    const array = allocate("float32", sizeOf(shape));
    array.set(random.normals(array.length));
    return new RuntimeValue(array, "float32", shape);
  });
  const output = values.pop()!;
  session.bind(values, [output]).run();
  session.dispose();
  return [...output.array];
}

/** Both programs give the same numbers but for the order of additions. */
function expectEqual(rewritten: Program, program: Program): void {
  const [actual, expected] = [run(rewritten), run(program)];
  for (const [i, value] of actual.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-5);
}

describe("useWebGpuOperators()", () => {
  const products = [
    { a: [3, 2], b: [3, 4], options: { transposeA: true }, expected: ["Gemm"] },
    { a: [2, 3], b: [4, 3], options: { transposeB: true, alpha: 2 }, expected: ["Gemm"] },
    {
      a: [5, 3, 2],
      b: [5, 4, 3],
      options: { transposeA: true, transposeB: true },
      expected: ["Transpose", "Transpose", "MatMul"],
    },
    { a: [1, 2, 2, 3], b: [2, 1, 3, 4], options: { alpha: 0.5 }, expected: ["Mul", "MatMul"] },
  ];
  for (const { a, b, options, expected } of products) {
    it(`writes a product of ${a.join(" x ")} and ${b.join(" x ")} as ${expected.join(", ")}`, () => {
      const graph = new Graph();
      const builder = new GraphBuilder(graph);
      const inputs = [graph.input("float32", a), graph.input("float32", b)] as const;
      const program = programFor([builder.matMul(...inputs, options)]);
      expect(ops(program)).to.deep.equal(["FusedMatMul"]);
      const rewritten = useWebGpuOperators(program, graph);
      expect(ops(rewritten)).to.deep.equal(expected);
      expectEqual(rewritten, program);
    });
  }

  for (const count of [1, 2, 4]) {
    it(`adds up ${count} arrays one after another`, () => {
      const graph = new Graph();
      const inputs = Array.from({ length: count }, () => graph.input("float32", [3]));
      const program = programFor(graph.node("Sum", inputs, {}, [inputs[0]!]));
      const rewritten = useWebGpuOperators(program, graph);
      expect(ops(rewritten)).to.deep.equal(
        count === 1 ? ["Identity"] : Array.from({ length: count - 1 }, () => "Add"),
      );
      expectEqual(rewritten, program);
    });
  }

  it("compares numbers with themselves to find NaN, unless that is all that is asked", () => {
    const graph = new Graph();
    const x = graph.input("float32", [3]);
    const isNaN = (kernel: string): Program => {
      graph.kernel = kernel;
      return programFor(graph.node("IsNaN", [x], {}, [{ shape: [3], dtype: "bool" }]));
    };
    expect(ops(useWebGpuOperators(isNaN("Step"), graph))).to.deep.equal(["Equal", "Not"]);
    expect(ops(useWebGpuOperators(isNaN("IsNan"), graph))).to.deep.equal(["IsNaN"]);
  });

  it("leaves all else, and what reads the result, as they are", () => {
    const graph = new Graph();
    const builder = new GraphBuilder(graph);
    const x = graph.input("float32", [2, 2]);
    const product = builder.matMul(x, x, { transposeB: true });
    const program = programFor([builder.unary("Tanh", builder.add(product, x))]);
    const rewritten = useWebGpuOperators(program, graph);
    expect(ops(rewritten)).to.deep.equal(["Gemm", "Add", "Tanh"]);
    expect(rewritten.nodes.slice(1)).to.deep.equal(program.nodes.slice(1));
    expectEqual(rewritten, program);
  });
});
