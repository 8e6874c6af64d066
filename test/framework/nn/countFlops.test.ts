import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { countFlops } from "../../../framework/nn/countFlops.ts";

describe("countFlops()", () => {
  it("counts what a function computes and passes on its result", () => {
    tf.tidy(() => {
      const { result, flops } = countFlops(() =>
        tf.conv2d(tf.ones<tf.Rank.R4>([2, 9, 8, 3]), tf.ones<tf.Rank.R4>([3, 3, 3, 4]), 2, "same"),
      );
      expect(result.shape).to.deep.equal([2, 5, 4, 4]);
      expect(flops).to.equal(8640);
    });
  });

  it("counts gradients, which are two products for each", () => {
    tf.tidy(() => {
      const product = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.matMul(a, b).sum();
      const { flops } = countFlops(() => tf.grads(product)([tf.ones([6, 5]), tf.ones([5, 7])]));
      expect(flops).to.equal(3 * 420);
    });
  });

  it("counts inside of another count", () => {
    tf.tidy(() => {
      const product = (): tf.Tensor => tf.matMul(tf.ones([2, 3]), tf.ones([3, 4]));
      const outer = countFlops(() => {
        product();
        return countFlops(product).flops;
      });
      expect([outer.result, outer.flops]).to.deep.equal([48, 96]);
    });
  });

  it("counts no longer when the function has failed", () => {
    expect(() =>
      countFlops(() => {
        throw new Error("on purpose");
      }),
    ).to.throw("on purpose");
    expect(Object.hasOwn(tf.engine(), "runKernel")).to.equal(false);
  });
});
