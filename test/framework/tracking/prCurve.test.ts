import { expect } from "chai";
import { describe, it } from "mocha";

import { prCurvePoints } from "../../../framework/tracking/prCurve.ts";

describe("prCurvePoints()", () => {
  it("counts as torch.utils.tensorboard 2.13's compute_curve does", () => {
    const points = prCurvePoints({
      labels: [true, false, true, true, false, false],
      predictions: [0.9, 0.8, 0.55, 0.25, 0.1, 0],
      weights: [1, 1, 2, 1, 0.5, 1],
      thresholds: 5,
    });
    expect(points).to.deep.equal({
      truePositives: [4, 4, 3, 1, 0],
      falsePositives: [2.5, 1, 1, 1, 0],
      trueNegatives: [0, 1.5, 1.5, 1.5, 2.5],
      falseNegatives: [0, 0, 1, 3, 4],
      precision: [0.6153846153846154, 0.8, 0.75, 0.5, 0],
      recall: [1, 1, 0.75, 0.25, 0],
    });
  });

  it("has 201 thresholds, the last for predictions of 1", () => {
    const { recall } = prCurvePoints({ labels: [1], predictions: [1] });
    expect(recall).to.deep.equal(Array.from({ length: 201 }, () => 1));
  });

  for (const [what, examples, message] of [
    ["predictions without labels", { labels: [1], predictions: [0.1, 0.2] }, "got 2, 1, 2"],
    ["logits", { labels: [1], predictions: [1.5] }, "expected predictions from 0 to 1, got 1.5"],
    ["NaN", { labels: [1], predictions: [NaN] }, "expected predictions from 0 to 1, got NaN"],
    ["a single threshold", { labels: [], predictions: [], thresholds: 1 }, "2 or more thresholds"],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => prCurvePoints(examples)).to.throw(RangeError, message);
    });
  }

  it("refuses points of which some are missing", () => {
    const points = prCurvePoints({ labels: [], predictions: [] });
    expect(() => prCurvePoints({ ...points, recall: [1] })).to.throw(RangeError, "201, 1");
  });
});
