import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  distillationLoss,
  type DistillationOptions,
} from "../../../framework/distillation/distillationLoss.ts";
import { topKLogits } from "../../../framework/distillation/topKLogits.ts";
import { operationFixture } from "../../support/nanoFixtures.ts";
import { expectClose } from "../../support/tensors.ts";

describe("distillationLoss()", () => {
  const { tensor, scalars } = operationFixture<Record<string, number>>("distill");
  const jensenShannon = { divergence: "generalisedJensenShannon" } as const;
  const rows: [name: string, options: DistillationOptions, topK?: number][] = [
    ["ce", { teacherWeight: 0 }],
    ["kd_T1", {}],
    ["kd_T2", { temperature: 2 }],
    ["kd_T4", { temperature: 4 }],
    ["reverse_kl_T1", { divergence: "reverseKl" }],
    ["gjsd_b0.5", jensenShannon],
    ["gjsd_b0.1", { ...jensenShannon, beta: 0.1 }],
    ["mix_a0.7_T2", { temperature: 2, teacherWeight: 0.7 }],
    ["topk8_T2", { temperature: 2 }, 8],
  ];

  for (const [name, options, topK] of rows) {
    it(`has PyTorch's value and gradient for ${name}`, async () => {
      const [student, teacher, labels] = [tensor("student"), tensor("teacher"), tensor("labels")];
      const kept = topK === undefined ? undefined : topKLogits(teacher, topK);
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        distillationLoss(x, kept ?? teacher, labels, options).loss.asScalar(),
      )(student);
      const expected = scalars[name]!;
      expect(value.dataSync()[0]).to.be.closeTo(expected, 1e-4 * expected);
      const gradient = tensor(`grad.${name}`);
      await expectClose(grad, gradient, 2e-6); // float32, sums over 31 classes
      tf.dispose([student, teacher, labels, value, grad, gradient, { ...kept }]);
    });
  }

  it("reports both parts of what it mixes", () => {
    tf.tidy(() => {
      const [student, teacher, labels] = [tensor("student"), tensor("teacher"), tensor("labels")];
      const options = { temperature: 2, teacherWeight: 0.7 };
      const { divergence, crossEntropy } = distillationLoss(student, teacher, labels, options);
      expect(divergence.dataSync()[0]).to.be.closeTo(scalars["kd_T2"]!, 3e-4);
      expect(crossEntropy.dataSync()[0]).to.be.closeTo(scalars["ce"]!, 5e-4);
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
