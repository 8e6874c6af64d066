import { expect } from "chai";
import { describe, it } from "mocha";

import { dollarsText, picoDollarsOf } from "../../../../framework/serve/prices/picoDollars.ts";

describe("picoDollarsOf()", () => {
  for (const [dollars, expected] of [
    [1e-7, 100_000n],
    [2.5e-8, 25_000n],
    [2.16e-6, 2_160_000n],
    [0.1 + 0.2, undefined], // 0.30000000000000004
    [0.3, 300_000_000_000n],
    [0, 0n],
    [12, 12_000_000_000_000n],
    [1e21, 10n ** 33n],
    [1e-12, 1n],
    [1e-13, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [Infinity, undefined],
  ] as const) {
    it(`is ${expected} for ${dollars}`, () => {
      expect(picoDollarsOf(dollars)).to.equal(expected);
    });
  }
});

describe("dollarsText()", () => {
  it("says exactly what was counted", () => {
    expect(dollarsText(12_300_000n)).to.equal("0.0000123");
    expect(dollarsText(0n)).to.equal("0");
    expect(dollarsText(3_000_000_000_000n)).to.equal("3");
    expect(dollarsText(-1n)).to.equal("-0.000000000001");
    expect(dollarsText(9_007_199_254_740_993n)).to.equal("9007.199254740993");
  });
});
