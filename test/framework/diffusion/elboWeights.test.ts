import { expect } from "chai";
import { describe, it } from "mocha";

import { elboWeights } from "../../../framework/diffusion/elboWeights.ts";
import {
  stableDiffusionSchedule,
  type PredictionType,
} from "../../../framework/diffusion/schedulerConfig.ts";

/** `lvlb_weights` at timesteps 0, 1, 2, 100, 500 and 999, by the original's formulas in PyTorch. */
const published: Readonly<Record<PredictionType, readonly number[]>> = {
  epsilon: [0.50319237, 0.50319237, 0.252394557, 0.00662869262, 0.00334905623, 0.00610165438],
  sample: [0.498724014, 0.498724014, 0.498083055, 0.427588135, 0.15248695, 0.0171060879],
  v_prediction: [1, 1, 1, 1, 1, 1],
};

describe("elboWeights()", () => {
  for (const type of ["epsilon", "sample", "v_prediction"] as const) {
    it(`are the original's for ${type}`, () => {
      const weights = elboWeights({ ...stableDiffusionSchedule, prediction_type: type });
      expect(weights.length).to.equal(1000);
      for (const [i, timestep] of [0, 1, 2, 100, 500, 999].entries()) {
        const expected = published[type][i]!;
        // The published ones are float32, and lose digits of 1 - a where a is nearly 1.
        expect(weights[timestep]! / expected, `at ${timestep}`).to.be.closeTo(1, 2e-4);
      }
    });
  }
});
