import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { repeatHeads } from "../../../../framework/nn/ops/index.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("repeatHeads()", () => {
  it("repeats every head in a row, for the queries of its group", async () => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 1, 2]);
    const y = repeatHeads(x, 2);
    await expectClose(y, [[[[1, 2]], [[1, 2]], [[3, 4]], [[3, 4]]]]);
    tf.dispose([x, y]);
  });

  it("gives each head the sum of its repetitions' gradients", async () => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 1, 2]);
    const dy = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 4, 1, 2]);
    const dx = tf.grad((value: tf.Tensor) => repeatHeads(value, 2))(x, dy);
    await expectClose(dx, [[[[4, 6]], [[12, 14]]]]);
    tf.dispose([x, dy, dx]);
  });

  it("leaves heads that are not shared as they are", () => {
    const x = tf.zeros([1, 2, 1, 2]);
    expect(repeatHeads(x, 1)).to.equal(x);
    x.dispose();
  });
});
