import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { pixelShuffle } from "../../../framework/nn/pixelShuffle.ts";
import { expectClose } from "../../support/tensors.ts";

describe("pixelShuffle()", () => {
  it("joins each square of patches, row by row", async () => {
    const y = tf.tidy(() => pixelShuffle(tf.range(0, 16).reshape([1, 16, 1]), 2));
    await expectClose(y, [
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
      ],
    ]);
    y.dispose();
  });

  it("refuses patches that are no square, or whose side does not divide", () => {
    for (const patches of [12, 9]) {
      const x = tf.zeros([1, patches, 1]);
      expect(() => pixelShuffle(x, 2)).to.throw(RangeError, `whose side 2 divides, got ${patches}`);
      x.dispose();
    }
  });
});
