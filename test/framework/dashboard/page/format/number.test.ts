import { expect } from "chai";
import { describe, it } from "mocha";

import {
  formatBytes,
  formatNumber,
  toNumber,
} from "../../../../../framework/dashboard/page/format/number.ts";

describe("formatNumber()", () => {
  for (const [value, text] of [
    [0, "0"],
    [0.91234567, "0.9123"],
    [12345.678, "12350"],
    [999_999, "999999"],
    [12_345_678, "1.235e7"],
    [0.000013, "1.3e−5"],
    [-0.5, "−0.5"],
    [0.001, "0.001"],
    [Number.NaN, "NaN"],
    [Infinity, "∞"],
    [-Infinity, "−∞"],
  ] as const) {
    it(`shows ${value} as ${text}`, () => expect(formatNumber(value)).to.equal(text));
  }
});

describe("toNumber()", () => {
  it("reads the words that JSON has for numbers it cannot hold", () => {
    expect(toNumber("NaN")).to.deep.equal(Number.NaN);
    expect(toNumber("-Infinity")).to.equal(-Infinity);
    expect(toNumber(null)).to.deep.equal(Number.NaN);
    expect(toNumber(2.5)).to.equal(2.5);
  });
});

describe("formatBytes()", () => {
  it("uses powers of 1000", () => {
    expect(formatBytes(0)).to.equal("0 B");
    expect(formatBytes(1_234_567)).to.equal("1.23 MB");
  });
});
