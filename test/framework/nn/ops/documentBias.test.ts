import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { attention, documentBias } from "../../../../framework/nn/ops/index.ts";

describe("documentBias()", () => {
  it("is 0 within a document and hides all others", async () => {
    const bias = tf.tidy(() => documentBias(tf.tensor2d([[1, 1, 2, 0]], [1, 4], "int32")));
    expect(bias.shape).to.deep.equal([1, 1, 4, 4]);
    const hidden = -1e9;
    expect((await bias.array())[0]![0]).to.deep.equal([
      [0, 0, hidden, hidden],
      [0, 0, hidden, hidden],
      [hidden, hidden, 0, hidden],
      [hidden, hidden, hidden, 0],
    ]);
    bias.dispose();
  });

  it("makes attention over two documents that over each alone", async () => {
    const values = tf.tidy(() => {
      const x = tf.sin(tf.range(0, 20)).reshape([1, 1, 5, 4]);
      const part = (from: number, size: number) => {
        const q = x.slice([0, 0, from, 0], [1, 1, size, 4]);
        return attention(q, q, q, { scale: 0.5, causal: true });
      };
      const mask = documentBias(tf.tensor2d([[1, 1, 1, 2, 2]], [1, 5], "int32"));
      const together = attention(x, x, x, { scale: 0.5, causal: true, mask });
      return together
        .sub(tf.concat([part(0, 3), part(3, 2)], 2))
        .abs()
        .max();
    });
    expect((await values.data())[0]).to.be.lessThan(1e-7);
    values.dispose();
  });
});
