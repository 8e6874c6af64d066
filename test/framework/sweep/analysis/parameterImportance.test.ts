import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { parameterImportance } from "../../../../framework/sweep/analysis/parameterImportance.ts";

interface Golden {
  importance: Record<"x" | "lr" | "layers" | "opt", number>;
  trials: { x: number; lr: number; layers: number; opt: string; value: number }[];
}

/** 80 trials of a search, and what Optuna 5.0's `PedAnovaImportanceEvaluator` says of them. */
const golden: Golden = JSON.parse(
  readFileSync("test/fixtures/sweeps/optuna-importance.json", "utf8"),
);

describe("parameterImportance()", () => {
  it("agrees with Optuna for numbers, magnitudes, whole numbers and choices", () => {
    const { trials, importance } = golden;
    const shares = parameterImportance(
      [
        { range: { kind: "numbers", low: -5, high: 5 }, values: trials.map(({ x }) => x) },
        {
          range: { kind: "numbers", low: 1e-5, high: 0.1, isLog: true },
          values: trials.map(({ lr }) => lr),
        },
        {
          range: { kind: "numbers", low: 1, high: 6, isInteger: true },
          values: trials.map(({ layers }) => layers),
        },
        {
          range: { kind: "choices", count: 3 },
          values: trials.map(({ opt }) => ["sgd", "adam", "lamb"].indexOf(opt)),
        },
      ],
      trials.map(({ value }) => value),
    );
    const expected = [importance.x, importance.lr, importance.layers, importance.opt];
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
});
