import { expect } from "chai";
import { describe, it } from "mocha";

import {
  bfloatsToFloats,
  floatsToBfloats,
  floatsToHalves,
  halvesToFloats,
  toHalfBits,
} from "../../../framework/weights/half.ts";

describe("toHalfBits()", () => {
  const cases: readonly [value: number, bits: number, why: string][] = [
    [0, 0x0000, "zero"],
    [-0, 0x8000, "negative zero"],
    [1, 0x3c00, "one"],
    [-2, 0xc000, "minus two"],
    [1 + 2 ** -11, 0x3c00, "a tie goes down to even"],
    [1 + 3 * 2 ** -11, 0x3c02, "a tie goes up to even"],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01, "just above a tie goes up"],
    [65504, 0x7bff, "the largest finite half"],
    [65519.99, 0x7bff, "below the tie with infinity"],
    [65520, 0x7c00, "the tie with infinity"],
    [-Infinity, 0xfc00, "minus infinity"],
    [2 ** -14, 0x0400, "the smallest normal"],
    [2 ** -14 - 2 ** -26, 0x0400, "a subnormal that rounds up to normal"],
    [2 ** -24, 0x0001, "the smallest subnormal"],
    [2 ** -25, 0x0000, "a tie with zero"],
    [2 ** -25 * 1.001, 0x0001, "just above the tie with zero"],
    [3 * 2 ** -25, 0x0002, "a subnormal tie goes to even"],
    [1e-40, 0x0000, "a float32 subnormal"],
  ];
  for (const [value, bits, why] of cases) {
    it(`maps ${value} to 0x${bits.toString(16)}: ${why}`, () => {
      expect(toHalfBits(value)).to.equal(bits);
    });
  }

  it("keeps NaN", () => {
    expect(halvesToFloats(Uint16Array.of(toHalfBits(NaN)))).to.deep.equal(Float32Array.of(NaN));
  });
});

describe("halvesToFloats()", () => {
  it("is undone by floatsToHalves() for every half", () => {
    const halves = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7fff) <= 0x7c00, // all but NaN, whose payload may change
    );
    expect(Buffer.from(floatsToHalves(halvesToFloats(halves)).buffer)).to.deep.equal(
      Buffer.from(halves.buffer),
    );
  });

  it("knows hand-computed values", () => {
    const halves = Uint16Array.of(0x3555, 0x0001, 0x83ff, 0x7bff);
    expect([...halvesToFloats(halves)]).to.deep.equal([
      0.333251953125,
      2 ** -24,
      -1023 * 2 ** -24,
      65504,
    ]);
  });
});

describe("bfloatsToFloats()", () => {
  it("takes the bits as the upper half of a float32", () => {
    expect([...bfloatsToFloats(Uint16Array.of(0x3f80, 0xc040, 0x7f80))]).to.deep.equal([
      1,
      -3,
      Infinity,
    ]);
  });
});

describe("floatsToBfloats()", () => {
  it("undoes bfloatsToFloats() for every number", () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
    const back = floatsToBfloats(bfloatsToFloats(all));
    const isNaN = (bits: number): boolean => (bits & 0x7fff) > 0x7f80;
    const wrong = all.filter((bits, i) => (isNaN(bits) ? !isNaN(back[i]!) : back[i] !== bits));
    expect(wrong).to.have.length(0);
  });

  it("rounds to the nearest, ties to even, and keeps NaN", () => {
    const spacing = 2 ** -7;
    const values = [1 + spacing / 2, 1 + (3 * spacing) / 2, 1 + spacing / 2 + 1e-6, NaN];
    const rounded = bfloatsToFloats(floatsToBfloats(Float32Array.from(values)));
    expect([...rounded]).to.deep.equal([1, 1 + 2 * spacing, 1 + spacing, NaN]);
  });
});
