import { expect } from "chai";
import { describe, it } from "mocha";

import { lion } from "../../../../framework/optim/optimizers/lion.ts";
import {
  expectSteps,
  gradientAt,
  gradientScale,
  learningRate,
  startOf,
  stepCount,
} from "../../../support/optimizerSteps.ts";

const shape = [4, 6];

/** The paper's algorithm in float64. */
function reference(beta1: number, beta2: number, weightDecay: number): number[] {
  const parameter = Array.from(startOf(shape));
  const momentum = parameter.map(() => 0);
  for (let step = 1; step <= stepCount; step++) {
    for (const [i, raw] of gradientAt(step, shape).entries()) {
      const g = raw * gradientScale;
      const update = Math.sign(beta1 * momentum[i]! + (1 - beta1) * g);
      parameter[i]! -= learningRate * (update + weightDecay * parameter[i]!);
      momentum[i] = beta2 * momentum[i]! + (1 - beta2) * g;
    }
  }
  return parameter;
}

describe("lion()", () => {
  for (const weightDecay of [0, 0.1]) {
    it(`follows the paper in float64 for 20 steps, weight decay ${weightDecay}`, async () => {
      const expected = reference(0.95, 0.98, weightDecay);
      const create = () => lion({ betas: [0.95, 0.98], weightDecay });
      await expectSteps(create, shape, expected, 2e-6); // 20 roundings of float32
    });
  }

  it("refuses a momentum that keeps nothing", () => {
    expect(() => lion({ betas: [0.9, 0] })).to.throw(RangeError, "betas.1 must be > 0");
  });
});
