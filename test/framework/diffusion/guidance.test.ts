import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { classifierFreeGuidance, rescaleGuidance } from "../../../framework/diffusion/guidance.ts";
import { expectClose } from "../../support/tensors.ts";

describe("classifierFreeGuidance()", () => {
  for (const { scale, expected } of [
    { scale: 0, expected: [1, 10] },
    { scale: 1, expected: [3, 10] },
    { scale: 7.5, expected: [16, 10] },
  ]) {
    it(`moves 1 towards 3, and leaves 10 at 10, with scale ${scale}`, async () => {
      const both = tf.tensor4d([1, 10, 3, 10], [4, 1, 1, 1]);
      const guided = classifierFreeGuidance(both, scale);
      await expectClose(
        guided,
        tf.tidy(() => tf.tensor4d(expected, [2, 1, 1, 1]).arraySync()),
      );
      tf.dispose([both, guided]);
    });
  }

  it("refuses an odd batch", () => {
    const odd = tf.zeros<tf.Rank.R4>([3, 1, 1, 1]);
    expect(() => classifierFreeGuidance(odd, 2)).to.throw(RangeError, "got 3");
    odd.dispose();
  });
});

describe("rescaleGuidance()", () => {
  it("moves towards the deviation of the conditional prediction, each image for itself", async () => {
    const guided = tf.tensor4d([1, 2, 3, 6, 0, 0, 1, 1], [2, 1, 2, 2]);
    const unconditional = tf.zeros<tf.Rank.R4>([2, 1, 2, 2]);
    const conditional = tf.tensor4d([1, 1, 2, 2, 0, 2, 0, 4], [2, 1, 2, 2]);
    const both = tf.concat([unconditional, conditional]);
    const rescaled = rescaleGuidance(guided, both, 0.7);
    // 0.7 * guided * conditional.std(1) / guided.std(1) + 0.3 * guided in PyTorch 2.13
    const expected = [0.4870829, 0.9741657, 1.4612486, 2.9224973, 0, 0, 2.6216373, 2.6216373];
    const want = tf.tensor4d(expected, [2, 1, 2, 2]);
    await expectClose(rescaled, want, 1e-6);
    tf.dispose([guided, unconditional, conditional, both, rescaled, want]);
  });
});
