import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { clipGradients, type ClipAlgorithm } from "../../../framework/optim/clipping.ts";

/** Clips gradients (3, 4) and (12), whose norm is 13, and gives what the optimizer will use. */
function clipped(limit: number | undefined, algorithm: ClipAlgorithm, scale?: number) {
  const result = tf.tidy(() => {
    const gradients = new Map([
      ["a", tf.tensor1d([3, -4])],
      ["b", tf.tensor1d([12])],
    ]);
    const factor = scale === undefined ? undefined : tf.scalar(scale);
    const out = clipGradients(gradients, factor, limit, algorithm);
    const one = tf.scalar(1);
    return {
      a: out.gradients.get("a")!.mul(out.scale ?? one),
      b: out.gradients.get("b")!.mul(out.scale ?? one),
      norm: out.norm.clone(),
    };
  });
  const values = [...result.a.dataSync(), ...result.b.dataSync()];
  const [norm] = result.norm.dataSync();
  tf.dispose(result);
  return { values: values.map((value) => Number(value.toFixed(4))), norm };
}

describe("clipGradients()", () => {
  it("leaves gradients alone without a limit", () => {
    expect(clipped(undefined, "norm")).to.deep.equal({ values: [3, -4, 12], norm: 13 });
    expect(clipped(0, "value")).to.deep.equal({ values: [3, -4, 12], norm: 13 });
  });

  it("scales all gradients down to the norm", () => {
    expect(clipped(1.3, "norm")).to.deep.equal({ values: [0.3, -0.4, 1.2], norm: 13 });
  });

  it("does not scale a norm up", () => {
    expect(clipped(20, "norm")).to.deep.equal({ values: [3, -4, 12], norm: 13 });
  });

  it("clips the scaled gradients", () => {
    expect(clipped(1.3, "norm", 0.5)).to.deep.equal({ values: [0.3, -0.4, 1.2], norm: 6.5 });
    expect(clipped(1.8, "value", 0.5)).to.deep.equal({ values: [1.5, -1.8, 1.8], norm: 6.5 });
  });

  it("cuts each value", () => {
    expect(clipped(3.5, "value")).to.deep.equal({ values: [3, -3.5, 3.5], norm: 13 });
  });
});
