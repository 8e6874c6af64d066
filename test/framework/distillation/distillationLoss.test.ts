import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { distillationLoss } from "../../../framework/distillation/distillationLoss.ts";
import { topKLogits } from "../../../framework/distillation/topKLogits.ts";

/** Logits of probabilities that are easy to reckon with. */
const logitsOf = (...probabilities: number[]): tf.Tensor => tf.tensor2d([probabilities]).log();

/** Values and gradients for many settings are compared with PyTorch's in test/parity/nano. */
describe("distillationLoss()", () => {
  const [even, sure] = [
    [0.5, 0.25, 0.25],
    [0.25, 0.25, 0.5],
  ];
  const label = (id: number): tf.Tensor => tf.tensor1d([id], "int32");
  const jensenShannon = { divergence: "generalisedJensenShannon" } as const;

  it("mixes the divergence and the labels' cross entropy, and reports both", () => {
    tf.tidy(() => {
      const { loss, divergence, crossEntropy } = distillationLoss(
        logitsOf(...even!),
        logitsOf(...sure!),
        label(1),
        { teacherWeight: 0.75 },
      );
      const kl = 0.25 * Math.LN2; // -0.25 ln 2 where the student says more, 0.5 ln 2 where less
      expect(divergence.dataSync()[0]).to.be.closeTo(kl, 1e-6);
      expect(crossEntropy.dataSync()[0]).to.be.closeTo(Math.log(4), 1e-6);
      expect(loss.dataSync()[0]).to.be.closeTo(0.75 * kl + 0.25 * Math.log(4), 1e-6);
    });
  });

  it("compares what is left of both when few of the teacher's logits were kept", () => {
    tf.tidy(() => {
      const kept = topKLogits(logitsOf(0.6, 0.3, 0.1), 2);
      const { divergence } = distillationLoss(logitsOf(0.4, 0.2, 0.4), kept, label(0));
      expect(divergence.dataSync()[0]).to.be.closeTo(0, 1e-6); // 2 to 1 in both
    });
  });

  it("is 0 where nothing has a label", () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[1, 2]]);
      const { loss } = distillationLoss(
        logits,
        tf.tensor2d([[3, 1]]),
        tf.tensor1d([-100], "int32"),
      );
      expect(loss.dataSync()[0]).to.equal(0);
    });
  });

  it("refuses a teacher of another vocabulary, a temperature of 0 and a beta of 1", () => {
    const [student, teacher] = [tf.zeros([2, 5]), tf.zeros([2, 6])];
    const labels = tf.zeros([2], "int32");
    expect(() => distillationLoss(student, teacher, labels)).to.throw(
      RangeError,
      "expected logits of one shape, got [2, 5] and [2, 6]; do both have the same vocabulary?",
    );
    expect(() => distillationLoss(student, student, labels, { temperature: 0 })).to.throw(
      RangeError,
      "expected a temperature above 0, got 0",
    );
    expect(() =>
      distillationLoss(student, student, labels, { ...jensenShannon, beta: 1 }),
    ).to.throw(RangeError, "expected beta between 0 and 1, got 1");
    tf.dispose([student, teacher, labels]);
  });
});
