import { expect } from "chai";
import { describe, it } from "mocha";

import { qualityScore } from "../../../../experiments/dreambooth/validation/qualityScore.ts";

describe("qualityScore()", () => {
  const limits = { leastDiversity: 0.8, mostDrift: 0.1 };
  const cases = [
    { quality: { fidelity: 0.5, diversity: 0.8, drift: 0.1 }, score: 0.5 },
    { quality: { fidelity: -0.2, diversity: 1.1, drift: -0.3 }, score: -0.2 },
    { quality: { fidelity: 0.9, diversity: 0.7, drift: 0 }, score: -1.1 },
    { quality: { fidelity: 0.9, diversity: 1, drift: 0.35 }, score: -1.25 },
    { quality: { fidelity: 0.9, diversity: 0.6, drift: 0.4 }, score: -1.5 },
    { quality: { fidelity: -3, diversity: 1, drift: 0 }, score: -1 },
    { quality: { fidelity: NaN, diversity: 1, drift: 0 }, score: NaN },
  ];
  for (const { quality, score } of cases) {
    it(`is ${score} for ${Object.values(quality).join(", ")}`, () => {
      const rounded = Math.round(qualityScore(quality, limits) * 1e12) / 1e12;
      expect(rounded).to.deep.equal(score);
    });
  }
});
