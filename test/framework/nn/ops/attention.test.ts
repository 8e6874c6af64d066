import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  attention,
  attentionProbabilities,
  queriesPerChunk,
} from "../../../../framework/nn/ops/index.ts";
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
          registeredGradients(
            "SeedbedAttention",
            { ...inputs, mask: tf.zeros([1, 1, 1, 1]) },
            outputs,
            dy,
            options,
            ["q", "k", "v"],
          ),
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

  it("adds a mask to the scores", async () => {
    const q = tf.zeros([1, 1, 2, 1]);
    const v = tf.tensor([4, 8], [1, 1, 2, 1]);
    const mask = tf.tensor([0, Math.log(3), 0, -Infinity], [2, 2]);
    const y = attention(q, q, v, { scale: 1, mask });
    await expectClose(y, [[[[7], [4]]]]);
    tf.dispose([q, v, mask, y]);
  });

  it("refuses a mask that does not fit", () => {
    const [q, mask] = [tf.zeros([1, 1, 3, 1]), tf.zeros([2, 3])];
    expect(() => attention(q, q, q, { scale: 1, mask })).to.throw(
      RangeError,
      "broadcasts to [1, 1, 3, 3], got [2, 3]",
    );
    tf.dispose([q, mask]);
  });
});

describe("queriesPerChunk()", () => {
  const rows = [
    { title: "all of a short sequence", scores: [16, 1, 1024, 1024], expected: 1024 },
    {
      title: "so many that a chunk has 2^23 probabilities",
      scores: [1, 8, 4096, 4096],
      expected: 256,
    },
    { title: "64 at least", scores: [4, 16, 16384, 16384], expected: 64 },
    { title: "a single one of many keys", scores: [1, 1, 1, 2 ** 25], expected: 1 },
    { title: "all that look at few words", scores: [1, 8, 1024, 77], expected: 1024 },
    {
      title: "half of more, 2^20 probabilities in a chunk at most",
      scores: [2, 8, 1024, 77],
      expected: 512,
    },
  ];
  for (const { title, scores, expected } of rows) {
    it(`is ${title}`, () => expect(queriesPerChunk(scores)).to.equal(expected));
  }
});
