import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { Graph } from "../../../framework/graph/graph.ts";
import type { LaneRecipe } from "../../../framework/graph/laneRecipe.ts";
import { LaneThreads } from "../../../framework/wasm/laneThreads.ts";

const scalar = (): LaneRecipe["scalars"][number] => new Graph().input("float32", []);

/** Arrays one after another, as a recipe wants them. */
function arraysOf(
  count: number,
  length: number,
): { memory: WebAssembly.Memory; arrays: Float32Array[] } {
  const pages = Math.ceil((count * length * 4) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const arrays = Array.from({ length: count }, (_, i) => {
    const array = new Float32Array(memory.buffer, 4 * i * length, length);
    array.set(new RandomStream(5, `array ${i}`).normals(length));
    return array;
  });
  return { memory, arrays };
}

async function run(
  recipe: LaneRecipe,
  length: number,
  scalars: number[] = [],
): Promise<Float32Array[]> {
  const { memory, arrays } = arraysOf(recipe.operands, length);
  const lanes = threads.load(recipe, memory);
  await lanes.run(scalars, { start: 0, stride: 4 * length, length });
  lanes.unload();
  return arrays;
}

const threads = new LaneThreads(2);
const { fround } = Math;

describe("LaneThreads", () => {
  const [first, second] = arraysOf(2, 32).arrays.map((array) => [...array]);
  const cases: {
    op: LaneRecipe["steps"][number]["op"];
    expected: (a: number, b: number) => number;
  }[] = [
    { op: "Abs", expected: (a) => Math.abs(a) },
    { op: "Add", expected: (a, b) => fround(a + b) },
    { op: "Div", expected: (a, b) => fround(a / b) },
    { op: "Mul", expected: (a, b) => fround(a * b) },
    { op: "Neg", expected: (a) => -a },
    { op: "Sign", expected: (a) => Math.sign(a) },
    { op: "Sqrt", expected: (a) => fround(Math.sqrt(a)) },
    { op: "Sub", expected: (a, b) => fround(a - b) },
  ];
  for (const { op, expected } of cases) {
    it(`computes ${op} as IEEE 754 says`, async () => {
      const terms = [{ operand: 0 }, { operand: 1 }].slice(0, expected.length);
      const recipe = {
        operands: 2,
        scalars: [],
        steps: [{ op, terms }],
        results: [{ step: 0, operand: 1 }],
      };
      const [a, b] = await run(recipe, 32);
      expect([...a!]).to.deep.equal(first);
      expect([...b!]).to.deep.equal(first!.map((x, i) => expected(x, second![i]!)));
    });
  }

  it("takes scalars, numbers and earlier steps, and writes when all is read", async () => {
    const recipe: LaneRecipe = {
      operands: 2,
      scalars: [scalar(), scalar()],
      steps: [
        { op: "Mul", terms: [{ operand: 0 }, { scalar: 1 }] },
        { op: "Add", terms: [{ step: 0 }, { number: 0.5 }] },
        { op: "Sub", terms: [{ operand: 1 }, { scalar: 0 }] },
      ],
      results: [
        { step: 2, operand: 0 },
        { step: 1, operand: 1 },
      ],
    };
    const [a, b] = await run(recipe, 16, [3, -2]);
    const [x, y] = arraysOf(2, 16).arrays;
    expect([...a!]).to.deep.equal([...y!].map((value) => fround(value - 3)));
    expect([...b!]).to.deep.equal([...x!].map((value) => fround(fround(value * -2) + 0.5)));
  });

  it("divides long arrays among its threads", async () => {
    const recipe: LaneRecipe = {
      operands: 1,
      scalars: [],
      steps: [{ op: "Add", terms: [{ operand: 0 }, { number: 1 }] }],
      results: [{ step: 0, operand: 0 }],
    };
    const length = 100_016;
    const [a] = await run(recipe, length);
    const [before] = arraysOf(1, length).arrays;
    expect(a!.every((value, i) => value === fround(before![i]! + 1))).to.equal(true);
  });

  it("works where it is told to alone", async () => {
    const recipe: LaneRecipe = {
      operands: 1,
      scalars: [],
      steps: [{ op: "Neg", terms: [{ operand: 0 }] }],
      results: [{ step: 0, operand: 0 }],
    };
    const { memory, arrays } = arraysOf(1, 64);
    const before = [...arrays[0]!];
    await threads.load(recipe, memory).run([], { start: 64, stride: 0, length: 32 });
    expect([...arrays[0]!]).to.deep.equal(before.map((x, i) => (i >= 16 && i < 48 ? -x : x)));
  });

  it("has no sign for zeros and NaN, as ONNX Runtime", async () => {
    const recipe: LaneRecipe = {
      operands: 1,
      scalars: [],
      steps: [{ op: "Sign", terms: [{ operand: 0 }] }],
      results: [{ step: 0, operand: 0 }],
    };
    const { memory, arrays } = arraysOf(1, 16);
    arrays[0]!.set([0, -0, Number.NaN, Infinity, -Infinity, -1e-45]);
    await threads.load(recipe, memory).run([], { start: 0, stride: 0, length: 16 });
    expect([...arrays[0]!.subarray(0, 6)]).to.deep.equal([0, 0, 0, 1, -1, -1]);
  });

  it("refuses lengths that are no multiple of four", async () => {
    const recipe = { operands: 0, scalars: [], steps: [], results: [] };
    const { memory } = arraysOf(1, 16);
    const run = threads.load(recipe, memory).run([], { start: 0, stride: 0, length: 6 });
    const error: unknown = await run.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RangeError);
    expect(String(error)).to.include("multiple of 4, got 6");
  });
});
