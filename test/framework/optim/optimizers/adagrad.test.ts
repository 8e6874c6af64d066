import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { adagrad, type AdagradOptions } from "../../../../framework/optim/optimizers/adagrad.ts";
import { expectSteps } from "../../../support/optimizerSteps.ts";
import { expectClose } from "../../../support/tensors.ts";

/** Parameters after the 20 steps as `torch.optim.Adagrad` of PyTorch 2.13 has them in float64. */
const cases: { options: Partial<AdagradOptions>; after: number[] }[] = [
  {
    options: {},
    after: [0.14828562, -0.913276591, -0.0166141917, -1.48725477, 0.194912587, 0.731417869],
  },
  {
    options: { lrDecay: 0.1 },
    after: [0.132477132, -0.908813996, 0.0121320847, -1.51478683, 0.195541557, 0.722446077],
  },
  {
    options: { weightDecay: 0.1, initialAccumulatorValue: 0.5, epsilon: 1e-3 },
    after: [0.140480502, -0.728617067, 0.0737819782, -1.40386514, 0.207473754, 0.633127665],
  },
];

describe("adagrad()", () => {
  for (const { options, after } of cases) {
    it(`gives PyTorch's numbers after 20 steps: ${JSON.stringify(options)}`, async () => {
      await expectSteps(() => adagrad(options), [2, 3], after, 2e-6); // 20 steps in float32
    });
  }

  it("starts its sums at `initialAccumulatorValue`", async () => {
    const parameter = tf.tidy(() => tf.variable(tf.zeros([2])));
    const optimizer = adagrad({ initialAccumulatorValue: 0.25 });
    optimizer.initialize(new Map([["w", parameter]]));
    await expectClose(optimizer.state().get("squareSum/w")!, [0.25, 0.25], 0);
    optimizer.dispose();
    parameter.dispose();
  });
});
