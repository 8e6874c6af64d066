import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../framework/base/errors.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { isDocumented, strangePrototype } from "./checks.ts";
import type { FuzzFailure, TargetResult } from "./messages.ts";
import { mutate } from "./mutate.ts";
import { runTargets, type RunTargetsOptions } from "./runTargets.ts";

async function fuzz(
  target: string,
  options: Partial<RunTargetsOptions> = {},
): Promise<{ results: TargetResult[]; failures: FuzzFailure[] }> {
  const results: TargetResult[] = [];
  const failures: FuzzFailure[] = [];
  await runTargets({
    ...{ targets: [target], seed: 1, inputs: 0, input: undefined, seconds: 60, ...options },
    ended(result, found) {
      results.push(result);
      failures.push(...found);
    },
  });
  return { results, failures };
}

describe("fuzzing", () => {
  it("finds a slip, a changed prototype, an assigned one and an input without end", async () => {
    const { failures } = await fuzz("../samples/broken", { hangSeconds: 0.5 });
    const found = failures.map(({ signature, input }) => [
      signature.split(" ")[0],
      Buffer.from(input).toString(),
    ]);
    expect(found).to.deep.equal([
      ["TypeError:", "slips"],
      ["pollution", "pollutes"],
      ["prototype", "assigns"],
      ["hang", "hangs"],
    ]);
  });

  it("finds seeds that say nothing, as all of them are refused", async () => {
    const { failures } = await fuzz("../samples/refusing");
    expect(failures.map(({ signature }) => signature)).to.deep.equal([
      "refuses every seed: InputError: Cannot read it (samples/refusing.ts:10)",
    ]);
  });

  it("keeps what runs something new, and so finds what lies behind three branches", async () => {
    const { results, failures } = await fuzz("../samples/steps", { inputs: 60_000 });
    expect(failures.map(({ input }) => Buffer.from(input).toString())).to.deep.equal(["bug"]);
    expect(results[0]!.kept).to.be.at.least(3);
  });

  it("makes the same inputs of the same seed", () => {
    const made = (seed: number): Uint8Array[] => {
      const random = new RandomStream(seed, "test");
      const corpus = [Buffer.from('{"a": [1, 2]}'), Buffer.from("other")];
      const options = { random, corpus, words: [Buffer.from("word")], mostBytes: 100 };
      return Array.from({ length: 200 }, () => mutate(corpus[0]!, options));
    };
    expect(made(1)).to.deep.equal(made(1));
    expect(made(1)).not.to.deep.equal(made(2));
    expect(Math.max(...made(1).map(({ length }) => length))).to.be.at.most(100);
  });
});

describe("isDocumented()", () => {
  const cases: [error: unknown, expected: boolean][] = [
    [new InputError("Cannot read a.json: expected an object, got 1"), true],
    [new RangeError("Cannot add token 3 to a text that does not allow it"), true],
    [new TypeError("Cannot read properties of undefined (reading 'a')"), false],
    [new InputError("Cannot read properties of null (reading 'b')"), false],
    [new RangeError("Maximum call stack size exceeded"), false],
    [new RangeError("Invalid array length"), false],
    [new SyntaxError("Unexpected token"), false],
    ["a text", false],
  ];
  for (const [error, expected] of cases) {
    it(`is ${expected} for ${String(error)}`, () => {
      expect(isDocumented(error)).to.equal(expected);
    });
  }
});

describe("strangePrototype()", () => {
  it("passes classes, maps and objects without a prototype", () => {
    const fine = [new Date(0), new Map([["a", { b: Object.create(null) }]]), new Uint8Array(3)];
    expect(strangePrototype(fine)).to.equal(undefined);
  });

  it("says where a prototype is data", () => {
    const strange: unknown = Object.setPrototypeOf({}, { polluted: 1 });
    expect(strangePrototype({ list: [1, strange] })).to.equal("/list/1");
  });
});
