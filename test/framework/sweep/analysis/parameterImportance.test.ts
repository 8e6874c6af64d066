import { expect } from "chai";
import { describe, it } from "mocha";

import { parameterImportance } from "../../../../framework/sweep/analysis/parameterImportance.ts";
import { golden, goldenNames, goldenParameters, goldenValues } from "./goldenSearch.ts";

describe("parameterImportance()", () => {
  it("agrees with Optuna for numbers, magnitudes, whole numbers and choices", () => {
    const shares = parameterImportance(goldenParameters(true), goldenValues);
    const expected = goldenNames.map((name) => golden.importance[name]);
    for (const [i, share] of shares.entries()) expect(share).to.be.closeTo(expected[i]!, 1e-12);
  });

  it("gives all to the one parameter that decides", () => {
    const values = Array.from({ length: 40 }, (_, i) => i % 2);
    const other = Array.from({ length: 40 }, (_, i) => Math.floor(i / 2) % 2);
    const range = { kind: "choices", count: 2 } as const;
    const [decides, idle] = parameterImportance(
      [
        { range, values },
        { range, values: other },
      ],
      values,
    );
    expect(decides).to.be.above(0.99);
    expect(idle).to.be.below(0.01);
  });

  it("says 0 of a parameter that never changed", () => {
    const range = { kind: "numbers", low: 3, high: 3 } as const;
    expect(parameterImportance([{ range, values: [3, 3, 3] }], [1, 2, 3])).to.deep.equal([0]);
  });

  it("weighs a parameter that is not always in use by how often the best use it", () => {
    const losses = Array.from({ length: 20 }, (_, i) => i);
    const range = { kind: "numbers", low: 0, high: 19 } as const;
    const always = { range, values: losses };
    const among = (uses: (i: number) => boolean) => ({
      range,
      values: losses.map((i) => (uses(i) ? i : Number.NaN)),
    });
    const [, best] = parameterImportance([always, among((i) => i < 10)], losses);
    const [, worst] = parameterImportance([always, among((i) => i >= 10)], losses);
    expect(best).to.be.above(0.3);
    expect(worst).to.equal(0); // none of the best two has it
  });
});
