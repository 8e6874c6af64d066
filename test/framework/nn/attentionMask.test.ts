import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { causalMask } from "../../../framework/nn/attentionMask.ts";

const none = -Infinity;

/** Rows of a mask of one example and head. */
function rowsOf(mask: tf.Tensor | undefined): unknown {
  const rows = mask!.squeeze([0, 1]).arraySync();
  return rows;
}

describe("causalMask()", () => {
  it("needs no mask where causality says all", () => {
    expect(causalMask({ queries: 3, keys: 3 })).to.deep.equal({ causal: true });
    expect(causalMask({ queries: 1, keys: 3 })).to.deep.equal({ causal: false });
    expect(causalMask({ queries: 3, keys: 3, window: 3 })).to.deep.equal({ causal: true });
  });

  it("hides later keys from queries that follow a cache", () => {
    tf.tidy(() => {
      const { causal, mask } = causalMask({ queries: 2, keys: 4 });
      expect(causal).to.equal(false);
      expect(rowsOf(mask)).to.deep.equal([
        [0, 0, 0, none],
        [0, 0, 0, 0],
      ]);
    });
  });

  it("hides what lies before a window, which counts the query's own token", () => {
    tf.tidy(() => {
      expect(rowsOf(causalMask({ queries: 3, keys: 3, window: 2 }).mask)).to.deep.equal([
        [0, none, none],
        [0, 0, none],
        [none, 0, 0],
      ]);
      expect(rowsOf(causalMask({ queries: 1, keys: 3, window: 2 }).mask)).to.deep.equal([
        [none, 0, 0],
      ]);
    });
  });

  it("hides padding of each example, by a finite score", () => {
    tf.tidy(() => {
      const padding = tf.tensor2d([0, 1, 1, 1], [2, 2], "int32");
      const { causal, mask } = causalMask({ queries: 2, keys: 2, padding });
      expect(causal).to.equal(true);
      expect(mask!.shape).to.deep.equal([2, 1, 1, 2]);
      expect([...mask!.dataSync()]).to.deep.equal([-1e9, 0, 0, 0]);
    });
  });

  it("adds what is given to the scores", () => {
    tf.tidy(() => {
      const bias = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
      const { mask } = causalMask({ queries: 2, keys: 2, window: 1, bias });
      expect(rowsOf(mask)).to.deep.equal([
        [1, none],
        [none, 4],
      ]);
    });
  });
});
