import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { attention, chunkedAttention } from "../../../../framework/nn/ops/index.ts";
import { expectSameFunctions, normals } from "../../../support/gradients.ts";

describe("chunkedAttention()", () => {
  for (const { causal, keys, mask } of [
    { causal: false, keys: 4, mask: [1, 1, 1, 1] },
    { causal: true, keys: 5, mask: [1, 1, 1, 1] },
    { causal: false, keys: 4, mask: [2, 1, 5, 4] },
    { causal: true, keys: 5, mask: [1, 2, 1, 5] },
  ]) {
    const title = `causal ${causal}, mask [${mask.join(", ")}]`;

    it(`has the values and gradients of attention(): ${title}`, async () => {
      const inputs = {
        q: normals("q", [2, 2, 5, 3]),
        k: normals("k", [2, 2, keys, 3]),
        v: normals("v", [2, 2, keys, 3]),
      };
      const scores = normals("mask", mask);
      const dy = normals("dy", [2, 2, 5, 3]);
      const whole = ({ q, k, v }: tf.NamedTensorMap): tf.Tensor =>
        attention(q!, k!, v!, { scale: 0.7, causal, mask: scores });
      const chunked = ({ q, k, v }: tf.NamedTensorMap): tf.Tensor =>
        chunkedAttention({ q: q!, k: k!, v: v!, mask: scores }, { scale: 0.7, causal, rows: 2 });
      // the sums of float32 in the same order
      await expectSameFunctions(chunked, whole, { inputs, dy, tolerance: 1e-6 });
      tf.dispose([inputs, scores, dy]);
    });
  }
});
