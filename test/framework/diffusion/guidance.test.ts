import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { classifierFreeGuidance } from "../../../framework/diffusion/guidance.ts";
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
