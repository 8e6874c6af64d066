import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { attention, attentionProbabilities } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("attention()", () => {
  it("averages values by the softmax of scaled scores", async () => {
    const q = tf.tensor([2], [1, 1, 1, 1]);
    const k = tf.tensor([0, Math.log(3)], [1, 1, 2, 1]);
    const v = tf.tensor([10, 20], [1, 1, 2, 1]);
    const y = attention(q, k, v, { scale: 0.5 }); // weights 1/4 and 3/4
    await expectClose(y, [[[[17.5]]]]);
    tf.dispose([q, k, v, y]);
  });

  it("hides later tokens when causal", async () => {
    const q = tf.zeros([1, 1, 3, 1]);
    const v = tf.tensor([3, 6, 9], [1, 1, 3, 1]);
    const y = attention(q, q, v, { scale: 1, causal: true });
    await expectClose(y, [[[[3], [4.5], [6]]]]);
    tf.dispose([q, v, y]);
  });

  for (const { causal, keys } of [
    { causal: false, keys: 4 },
    { causal: true, keys: 3 },
  ]) {
    it(`has the gradients of finite differences, causal ${causal}`, async () => {
      const inputs = {
        q: normals("q", [2, 2, 3, 2]),
        k: normals("k", [2, 2, keys, 2]),
        v: normals("v", [2, 2, keys, 2]),
      };
      const options = { scale: 0.7, causal };
      const run = (map: tf.NamedTensorMap): tf.Tensor =>
        attention(map["q"]!, map["k"]!, map["v"]!, options);
      const dy = normals("dy", [2, 2, 3, 2]);
      await expectNumericGradients(run, inputs, dy);
      tf.tidy(() => {
        const outputs = [run(inputs), attentionProbabilities(inputs.q, inputs.k, options)];
        expectSameGradients(
          registeredGradients("SeedbedAttention", inputs, outputs, dy, options),
          tapeGradients(run, inputs, dy),
        );
      });
      tf.dispose([inputs, dy]);
    });
  }

  it("refuses causal attention over another number of keys", () => {
    const [q, k] = [tf.zeros([1, 1, 2, 1]), tf.zeros([1, 1, 3, 1])];
    expect(() => attention(q, k, k, { scale: 1, causal: true })).to.throw(
      RangeError,
      "q [1, 1, 2, 1] and k [1, 1, 3, 1]",
    );
    tf.dispose([q, k]);
  });
});
