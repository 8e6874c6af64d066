import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { mostNumberBytes, writeNumber } from "../../../framework/tracking/numberBytes.ts";

function written(value: number): string {
  const bytes = Buffer.alloc(3 + mostNumberBytes);
  const end = writeNumber(bytes, 3, value);
  expect(end - 3).to.be.at.most(mostNumberBytes);
  return bytes.toString("latin1", 3, end);
}

const float32OfBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

describe("writeNumber()", () => {
  const cases: [value: number, text: string][] = [
    [0, "0"],
    [-0, "-0"],
    [7, "7"],
    [10, "10"],
    [999_999, "999999"],
    [1_000_000, "1000000"],
    [9_999_999, "9999999"],
    [-12.5, "-12.5"],
    [0.5, "0.5"],
    [0.0625, "0.0625"],
    [0.1, "0.1"],
    [Math.fround(0.1), "0.100000001490116119"],
    [Math.fround(0.01), "0.009999999776482582092"],
    [Math.fround(2.3), "2.2999999523162841"],
    [1e21, "1e+21"],
    [2 ** 53, "9007199254740992"],
    [-Number.MIN_VALUE, "-5e-324"],
    [-Number.MAX_VALUE, "-1.7976931348623157e+308"],
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
  ];
  for (const [value, text] of cases) {
    it(`writes ${text}`, () => {
      expect(written(value)).to.equal(text);
    });
  }

  const check = (value: number): void => {
    const text = written(value);
    if (Number.isFinite(value)) expect(JSON.parse(text)).to.deep.equal(value);
    expect(Number(text)).to.deep.equal(value);
  };

  it("writes every float32 so that it reads back to the same bits", () => {
    const all = fc.nat(2 ** 32 - 1).map(float32OfBits);
    fc.assert(fc.property(all, check), { seed: 1, numRuns: 5000 });
  });

  it("does so near 1, where its own digits begin and end, and at powers of two", () => {
    const edges = [1e-4, 0.1, 1, 1e7].map(
      (edge) => new Uint32Array(Float32Array.of(edge).buffer)[0]!,
    );
    for (const bits of edges) {
      for (let i = -300; i <= 300; i++) check(float32OfBits(bits + i));
    }
    for (let power = -20; power < 30; power++) {
      const bits = 0x3f800000 + power * 2 ** 23;
      for (const each of [bits - 1, bits, bits + 1]) check(float32OfBits(each));
    }
  });

  it("writes every float64 so that it reads back to the same bits", () => {
    fc.assert(fc.property(fc.double(), check), { seed: 1, numRuns: 1000 });
  });
});
