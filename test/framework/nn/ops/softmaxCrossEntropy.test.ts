import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  meanSoftmaxCrossEntropy,
  softmaxCrossEntropy,
} from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("softmaxCrossEntropy()", () => {
  it("is minus the logarithm of the label's probability", async () => {
    const logits = tf.tensor([0, Math.log(3), Math.log(4), 0], [2, 2]);
    const labels = tf.tensor([1, 1], [2], "int32");
    const losses = softmaxCrossEntropy(logits, labels);
    await expectClose(losses, [-Math.log(3 / 4), -Math.log(1 / 5)]);
    tf.dispose([logits, labels, losses]);
  });

  it("stays finite for large logits", async () => {
    const logits = tf.tensor([1e4, 0, -1e4, 3e38, 0, -3e38], [2, 3]);
    const labels = tf.tensor([1, 0], [2], "int32");
    const losses = softmaxCrossEntropy(logits, labels);
    await expectClose(losses, [1e4, 0]);
    tf.dispose([logits, labels, losses]);
  });

  it("is 0 where the label is ignored, and NaN where it is no class", async () => {
    const logits = tf.tensor([-Infinity, 0, 0, 0, 0, 0], [3, 2]);
    const labels = tf.tensor([-7, 2, 0], [3], "int32");
    const losses = softmaxCrossEntropy(logits, labels, { ignoreIndex: -7 });
    const [ignored, wrong, right] = await losses.data();
    expect(ignored).to.equal(0);
    expect(Number.isNaN(wrong)).to.equal(true);
    expect(right).to.be.closeTo(Math.LN2, 1e-6);
    tf.dispose([logits, labels, losses]);
  });

  it("has the gradients of finite differences, none at ignored labels", async () => {
    const logits = normals("logits", [2, 3, 4]);
    const labels = tf.tensor([0, 3, 1, -100, 2, 2], [2, 3], "int32");
    const dy = normals("dy", [2, 3]);
    const run = (map: tf.NamedTensorMap): tf.Tensor => softmaxCrossEntropy(map["logits"]!, labels);
    await expectNumericGradients(run, { logits }, dy);
    tf.tidy(() => {
      const expected = tapeGradients(run, { logits }, dy);
      const { logits: actual } = registeredGradients(
        "SeedbedSoftmaxCrossEntropy",
        { logits, labels },
        [run({ logits })],
        dy,
        { ignoreIndex: -100 },
        ["logits"],
      );
      expectSameGradients({ logits: actual! }, expected);
      const ignored = tf.slice(actual!, [1, 0, 0], [1, 1, 4]);
      expect(Array.from(ignored.dataSync(), Math.abs)).to.deep.equal([0, 0, 0, 0]);
    });
    tf.dispose([logits, labels, dy]);
  });

  it("refuses labels of another shape", () => {
    const [logits, labels] = [tf.zeros([2, 3]), tf.zeros([3], "int32")];
    expect(() => softmaxCrossEntropy(logits, labels)).to.throw(
      RangeError,
      "got [2, 3] and labels [3]",
    );
    tf.dispose([logits, labels]);
  });
});

describe("meanSoftmaxCrossEntropy()", () => {
  it("is the mean over the labels that count", async () => {
    const logits = tf.tensor([0, Math.log(3), 5, 5, 0, 0], [3, 2]);
    const labels = tf.tensor([1, -100, 0], [3], "int32");
    const mean = meanSoftmaxCrossEntropy(logits, labels);
    await expectClose(mean, (-Math.log(3 / 4) + Math.LN2) / 2);
    tf.dispose([logits, labels, mean]);
  });

  it("is 0 when no label counts", async () => {
    const [logits, labels] = [tf.zeros([1, 2]), tf.tensor([-100], [1], "int32")];
    const mean = meanSoftmaxCrossEntropy(logits, labels);
    await expectClose(mean, 0, 0);
    tf.dispose([logits, labels, mean]);
  });
});
