import { expect } from "chai";
import { describe, it } from "mocha";

import { observedParameter } from "../../../../framework/sweep/analysis/observedParameter.ts";

describe("observedParameter()", () => {
  it("ranges over the numbers that there were", () => {
    expect(observedParameter([0.5, 2, 1])).to.deep.equal({
      range: { kind: "numbers", low: 0.5, high: 2, isLog: false, isInteger: false },
      values: [0.5, 2, 1],
    });
  });

  it("takes the logarithm of numbers that differ by magnitudes", () => {
    const { range } = observedParameter([1e-4, 1e-2]);
    expect(range).to.include({ isLog: true });
  });

  it("takes everything else as choices, what is not in use as one of them", () => {
    expect(observedParameter(["adam", "sgd", "adam", null])).to.deep.equal({
      range: { kind: "choices", count: 3 },
      values: [0, 1, 0, 2],
    });
    expect(observedParameter([1, "auto"]).range).to.deep.equal({ kind: "choices", count: 2 });
  });

  it("knows where a number is not in use", () => {
    expect(observedParameter([1, null, 2]).values).to.deep.equal([1, Number.NaN, 2]);
  });
});
