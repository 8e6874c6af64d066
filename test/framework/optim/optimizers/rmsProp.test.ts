import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { rmsProp, type RmsPropOptions } from "../../../../framework/optim/optimizers/rmsProp.ts";
import { expectSteps } from "../../../support/optimizerSteps.ts";
import { expectClose } from "../../../support/tensors.ts";

/** Parameters after the 20 steps as `torch.optim.RMSprop` of PyTorch 2.13 has them in float64. */
const cases: { options: Partial<RmsPropOptions>; after: number[] }[] = [
  {
    options: {},
    after: [0.543202856, -1.68386763, -0.967033666, -0.873799076, -0.255911676, 0.800063794],
  },
  {
    options: { alpha: 0.9, epsilon: 1e-3 },
    after: [0.282187842, -1.04937245, -0.205571725, -1.29283036, 0.0935869325, 0.788237313],
  },
  {
    options: { alpha: 0.9, momentum: 0.5 },
    after: [0.390472606, -1.33553165, -0.657225865, -1.07786574, -0.0767099151, 0.845873019],
  },
  {
    options: { alpha: 0.9, centered: true },
    after: [0.293931622, -1.10707952, -0.311449544, -1.26810532, 0.06597607, 0.768488129],
  },
  {
    options: { alpha: 0.9, centered: true, momentum: 0.5, weightDecay: 0.1 },
    after: [0.325868279, 0.0782441548, 0.0380439581, -0.257841564, -0.093019211, -0.0220832384],
  },
];

describe("rmsProp()", () => {
  for (const { options, after } of cases) {
    it(`gives PyTorch's numbers after 20 steps: ${JSON.stringify(options)}`, async () => {
      await expectSteps(() => rmsProp(options), [2, 3], after, 5e-6); // 20 steps in float32
    });
  }

  it("keeps one state per parameter, and one more for momentum and mean each", () => {
    const slotsOf = (options: Partial<RmsPropOptions>): string[] => {
      const optimizer = rmsProp(options);
      const parameter = tf.tidy(() => tf.variable(tf.zeros([2])));
      optimizer.initialize(new Map([["w", parameter]]));
      const names = [...optimizer.state().keys()];
      optimizer.dispose();
      parameter.dispose();
      return names;
    };
    expect(slotsOf({})).to.deep.equal(["secondMoment/w"]);
    expect(slotsOf({ centered: true, momentum: 0.9 })).to.deep.equal([
      "secondMoment/w",
      "firstMoment/w",
      "momentum/w",
    ]);
  });

  it("survives a gradient that never changes, whose variance rounds below 0", async () => {
    const optimizer = rmsProp({ centered: true, alpha: 0.5 });
    const parameter = tf.tidy(() => tf.variable(tf.scalar(1)));
    optimizer.initialize(new Map([["w", parameter]]));
    for (let step = 1; step <= 60; step++) {
      tf.tidy(() => {
        optimizer.apply(new Map([["w", tf.scalar(0.3)]]), { learningRate: tf.scalar(0) });
      });
    }
    await expectClose(parameter, 1, 0);
    optimizer.dispose();
    parameter.dispose();
  });
});
