import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  attentionInParts,
  attentionPart,
  wholeAttention,
} from "../../../../framework/nn/ops/index.ts";
import { expectSameFunctions, normals } from "../../../support/gradients.ts";

describe("attentionInParts()", () => {
  const none = [1, 1, 1, 1];
  for (const { causal, mask, part, keys = 5 } of [
    { causal: false, mask: none, part: { heads: 2, queries: 5 } },
    { causal: true, mask: none, part: { heads: 3, queries: 2 }, keys: 9 },
    { causal: true, mask: none, part: { heads: 1, queries: 2 } },
    { causal: true, mask: none, part: { heads: 6, queries: 4 } },
    { causal: true, mask: [1, 1, 5, 5], part: { heads: 3, queries: 2 } },
    { causal: false, mask: [1, 1, 1, 5], part: { heads: 3, queries: 5 } },
    { causal: false, mask: [2, 1, 5, 5], part: { heads: 3, queries: 5 } },
  ]) {
    const title = `${part.heads} heads and ${part.queries} queries, ${keys} keys, causal ${causal}, mask [${mask.join(", ")}]`;

    it(`has the values and gradients of wholeAttention(): ${title}`, async () => {
      const inputs = {
        q: normals("q", [2, 3, 5, 4]),
        k: normals("k", [2, 3, keys, 4]),
        v: normals("v", [2, 3, keys, 4]),
      };
      const scores = normals("mask", mask);
      const dy = normals("dy", [2, 3, 5, 4]);
      const attributes = { scale: 0.7, causal };
      const whole = ({ q, k, v }: tf.NamedTensorMap): tf.Tensor =>
        wholeAttention({ q: q!, k: k!, v: v!, mask: scores }, attributes);
      const divided = ({ q, k, v }: tf.NamedTensorMap): tf.Tensor =>
        attentionInParts({ q: q!, k: k!, v: v!, mask: scores }, attributes, part);
      await expectSameFunctions(divided, whole, { inputs, dy, tolerance: 1e-6 });
      tf.dispose([inputs, scores, dy]);
    });
  }
});

describe("attentionPart()", () => {
  const rows = [
    { title: "all where that is little", scores: [2, 8, 64, 77], heads: 16, queries: 64 },
    { title: "heads of 2^20 probabilities", scores: [2, 8, 512, 512], heads: 4, queries: 512 },
    { title: "one head at least", scores: [2, 8, 1024, 2048], heads: 1, queries: 1024 },
    { title: "as many heads in each", scores: [1, 6, 512, 512], heads: 3, queries: 512 },
    {
      title: "64 queries when causal",
      scores: [8, 6, 256, 256],
      causal: true,
      heads: 48,
      queries: 64,
    },
    {
      title: "no more than there are",
      scores: [8, 6, 16, 16],
      causal: true,
      heads: 48,
      queries: 16,
    },
  ];
  for (const { title, scores, causal = false, heads, queries } of rows) {
    it(`is ${title}`, () =>
      expect(attentionPart(scores, causal)).to.deep.equal({ heads, queries }));
  }
});
