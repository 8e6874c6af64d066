import { expect } from "chai";
import { describe, it } from "mocha";

import { Graph, programFor } from "../../../framework/graph/graph.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { encodeModel } from "../../../framework/onnx/modelProto.ts";
import { loadRuntime } from "../../../framework/runtime/ortLibrary.ts";
import { allocate, RuntimeValue, Session } from "../../../framework/runtime/session.ts";

loadRuntime(2);

/** `a + b` of shape [3]. */
function sumSession(): Session {
  const graph = new Graph();
  const builder = new GraphBuilder(graph);
  const sum = builder.add(graph.input("float32", [3]), graph.input("float32", [3]));
  const { bytes, inputNames, outputNames } = encodeModel(programFor([sum]));
  return new Session(bytes, inputNames, outputNames);
}

function value(...numbers: number[]): RuntimeValue {
  const array = allocate("float32", numbers.length);
  array.set(numbers);
  return new RuntimeValue(array, "float32", [numbers.length]);
}

describe("Session", () => {
  it("runs over the arrays it is bound to, also in place and also beside the event loop", async () => {
    const session = sumSession();
    const [a, b] = [value(1, 2, 3), value(10, 20, 30)];
    const binding = session.bind([a, b], [a]);
    binding.run();
    expect([...a.array]).to.deep.equal([11, 22, 33]);
    await binding.runAsync();
    expect([...a.array]).to.deep.equal([21, 42, 63]);
    session.dispose();
  });

  it("has values that can be disposed twice", () => {
    const [a, b] = [value(1), value(2)];
    a.dispose();
    a.dispose();
    b.dispose();
    expect([...a.array, ...b.array]).to.deep.equal([1, 2]);
  });

  it("reads weights that the model leaves out where they lie", () => {
    const length = 32;
    const graph = new Graph();
    const [x, weight] = [graph.input("float32", [length]), graph.input("float32", [length])];
    const program = programFor([new GraphBuilder(graph).add(x, weight)]);
    const data = { file: "elsewhere", offset: 0, length: length * 4 };
    const weights = new Map([[weight, { name: "weight", dtype: "float32", data } as const]]);
    const { bytes, inputNames, outputNames } = encodeModel(program, { weights });
    const given = value(...new Array<number>(length).fill(10));
    const initializers = new Map([["weight", given]]);
    const options = ["all", "cpu", "sameSize", initializers] as const;
    const session = new Session(bytes, inputNames, outputNames, ...options);
    const sum = value(...new Array<number>(length).fill(0));
    const binding = session.bind([value(...new Array<number>(length).fill(1))], [sum]);
    binding.run();
    expect([...sum.array].slice(0, 2)).to.deep.equal([11, 11]);
    given.array[0] = 100;
    binding.run();
    expect([...sum.array].slice(0, 2)).to.deep.equal([101, 11]);
    session.dispose();
  });

  it("takes no more memory for its second run than for its first", () => {
    const [length, count] = [2 ** 20, 16];
    const graph = new Graph();
    const builder = new GraphBuilder(graph);
    const x = graph.input("float32", [length]);
    const living = [x];
    for (let i = 0; i < count; i++) living.push(builder.unary("Sin", living.at(-1)!));
    const sum = living.reduceRight((all, each) => builder.unary("Tanh", builder.add(all, each)));
    const { bytes, inputNames, outputNames } = encodeModel(programFor([sum]));
    const session = new Session(bytes, inputNames, outputNames);
    const values = [0, 1].map(
      () => new RuntimeValue(allocate("float32", length).fill(1), "float32", [length]),
    );
    const binding = session.bind([values[0]!], [values[1]!]);
    binding.run();
    const { rss } = process.memoryUsage();
    for (let i = 0; i < 2; i++) binding.run();
    expect(process.memoryUsage().rss - rss).to.be.lessThan((count / 4) * length * 4);
    session.dispose();
  });

  it("frees memory at once, if asked, where it would wait for a value of the same size", () => {
    const megabyte = 2 ** 18; // elements
    const grownMb = (["any", "sameSize"] as const).map((memoryReuse) => {
      const graph = new Graph();
      const output = { shape: [1], dtype: "float32" } as const;
      let last = graph.input("float32", [1]);
      for (const size of [8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14]) {
        const length = size * megabyte;
        const shape = graph.constant("int64", BigInt64Array.of(BigInt(length)), [1]);
        const large = { shape: [length], dtype: "float32" } as const;
        const [wide] = graph.node("Expand", [last, shape], {}, [large]);
        last = graph.node("ReduceMax", [wide], { keepdims: 1 }, [output])[0]!;
      }
      const { bytes, inputNames, outputNames } = encodeModel(programFor([last]));
      const session = new Session(bytes, inputNames, outputNames, "all", "cpu", memoryReuse);
      const [given, result] = [value(2), value(0)];
      const { rss } = process.memoryUsage();
      session.bind([given], [result]).run();
      const grown = (process.memoryUsage().rss - rss) / 2 ** 20;
      expect([...result.array]).to.deep.equal([2]);
      session.dispose();
      return grown;
    });
    const [any, sameSize] = grownMb;
    expect(any).to.be.lessThan(0.6 * sameSize!);
  });

  it("refuses another number of values, another shape, and to run when disposed", () => {
    const session = sumSession();
    const [a, b] = [value(1, 2, 3), value(1, 2)];
    expect(() => session.bind([a], [a])).to.throw(
      RangeError,
      "it has 2 inputs and 1 outputs, got 1 and 1",
    );
    expect(() => session.bind([a, b], [a]).run()).to.throw("Cannot run the graph");
    session.dispose();
    session.dispose();
    expect(() => session.bind([a, a], [a]).run()).to.throw("Cannot run a session: it was disposed");
  });

  it("says what is wrong with a model", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(() => new Session(bytes, [], [])).to.throw("Cannot build the graph");
  });
});

describe("RuntimeValue", () => {
  it("refuses an array that does not fit the shape", () => {
    expect(() => new RuntimeValue(allocate("float32", 5), "float32", [2, 3])).to.throw(
      RangeError,
      "shape [2, 3] needs 6 elements, got 5",
    );
  });
});

describe("loadRuntime()", () => {
  it("keeps the threads of the first call", () => {
    expect(loadRuntime().threads).to.equal(2);
    expect(() => loadRuntime(3)).to.throw("this process runs ONNX Runtime with 2, got 3");
  });
});
