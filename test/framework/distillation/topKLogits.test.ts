import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { pickLogits, topKLogits } from "../../../framework/distillation/topKLogits.ts";

describe("topKLogits()", () => {
  it("keeps the largest of each position, and where they were", () => {
    tf.tidy(() => {
      const { values, indices } = topKLogits(
        tf.tensor2d([
          [1, 5, 3],
          [9, 7, 8],
        ]),
        2,
      );
      expect(values.arraySync()).to.deep.equal([
        [5, 3],
        [9, 8],
      ]);
      expect(indices.arraySync()).to.deep.equal([
        [1, 2],
        [0, 2],
      ]);
    });
  });

  it("refuses more than there are", () => {
    const logits = tf.zeros([1, 3]);
    expect(() => topKLogits(logits, 4)).to.throw(RangeError, "expected 1 to 3 of them, got 4");
    logits.dispose();
  });
});

describe("pickLogits()", () => {
  it("takes a student's logits at the same places", () => {
    tf.tidy(() => {
      const indices = tf.tensor3d(
        [
          [
            [1, 2],
            [0, 2],
          ],
        ],
        [1, 2, 2],
        "int32",
      );
      const student = tf.tensor3d([
        [
          [10, 11, 12],
          [20, 21, 22],
        ],
      ]);
      expect(pickLogits(student, indices).arraySync()).to.deep.equal([
        [
          [11, 12],
          [20, 22],
        ],
      ]);
    });
  });

  it("gives gradients to what it took alone, in one scattering", () => {
    tf.tidy(() => {
      const indices = tf.tensor2d([[1, 2], [0, 2]], undefined, "int32"); // prettier-ignore
      const weights = tf.tensor2d([[1, 2], [3, 4]]); // prettier-ignore
      const gradient = tf.grad((x) => pickLogits(x, indices).mul(weights).sum());
      expect(gradient(tf.zeros([2, 3])).arraySync()).to.deep.equal([
        [0, 1, 2],
        [3, 0, 4],
      ]);
    });
  });
});
