import { expect } from "chai";
import { describe, it } from "mocha";

import type { MetricsRecord } from "../../framework/tracking/metricsFile.ts";
import { largestDifferences } from "./largestDifferences.ts";

/** Rows of a run, one a step, that validates in the end. */
function rows(losses: readonly number[], norm = 4): MetricsRecord[] {
  return losses.map((loss, i) => ({
    kind: "metrics",
    step: i + 1,
    epoch: 0,
    wallTimeSeconds: 0,
    metrics: {
      "train/loss": loss,
      "train/gradientNorm": norm,
      ...(i === losses.length - 1 && { "val/loss": 1 }),
    },
  }));
}

describe("largestDifferences()", () => {
  it("finds the step that is farthest off, relative to what was expected", () => {
    expect(largestDifferences(rows([2, 1.5, 1], 3), rows([2, 1, 2]))).to.deep.equal([
      { metric: "train/loss", step: 2, relative: 0.5 },
      { metric: "val/loss", step: 3, relative: 0 },
      { metric: "train/gradientNorm", step: 1, relative: 0.25 },
    ]);
  });

  it("takes NaN for the largest difference, wherever it is", () => {
    for (const [step, losses] of [
      [1, [NaN, 1, 3]],
      [2, [2, NaN, 3]],
      [3, [2, 1, NaN]],
    ] as const) {
      const [loss] = largestDifferences(rows(losses), rows([2, 1, 2]));
      expect(loss).to.deep.equal({ metric: "train/loss", step, relative: NaN });
    }
  });

  it("refuses runs of other steps, and metrics that were not logged", () => {
    expect(() => largestDifferences(rows([2, 1]), rows([2, 1, 2]))).to.throw(
      'Cannot compare train/loss: expected steps "1 2 3" and at least one, got "1 2"',
    );
    expect(() => largestDifferences([], [])).to.throw("and at least one");
  });
});
