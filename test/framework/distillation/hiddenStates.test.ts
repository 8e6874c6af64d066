import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  hiddenCosineDistance,
  hiddenSquaredError,
} from "../../../framework/distillation/hiddenStates.ts";
import { meanOverLabels } from "../../../framework/distillation/meanOverLabels.ts";
import { operationFixture } from "../../support/nanoFixtures.ts";
import { expectClose } from "../../support/tensors.ts";

const { tensor, scalars } = operationFixture<Record<string, number>>("distill");

const distances = {
  hidden_mse: hiddenSquaredError,
  hidden_cosine: hiddenCosineDistance,
};

for (const [name, distance] of Object.entries(distances)) {
  describe(`${distance.name}()`, () => {
    it("has PyTorch's value and gradients, through a projection to the teacher's width", async () => {
      const inputs = ["student_hidden", "proj", "teacher_hidden", "labels"].map(tensor);
      const [student, projection, teacher, labels] = inputs;
      const { value, grads } = tf.valueAndGrads((hidden: tf.Tensor, weight: tf.Tensor) => {
        const projected = tf.matMul(hidden.reshape([10, 12]), weight, false, true);
        const losses = distance(projected.reshape([2, 5, 20]), teacher!);
        return meanOverLabels(losses, labels!).asScalar();
      })([student!, projection!]);
      expect(value.dataSync()[0]).to.be.closeTo(scalars[name]!, 1e-4);
      const gradients = [tensor(`grad.${name}.student_hidden`)];
      if (name === "hidden_mse") gradients.push(tensor(`grad.${name}.proj`));
      for (const [i, gradient] of gradients.entries()) await expectClose(grads[i]!, gradient, 1e-6);
      tf.dispose([inputs, value, grads, gradients]);
    });
  });
}

describe("hiddenCosineDistance()", () => {
  it("is 1 for a state of zeros", () => {
    tf.tidy(() => {
      const distance = hiddenCosineDistance(tf.zeros([1, 3]), tf.ones([1, 3]));
      expect([...distance.dataSync()]).to.deep.equal([1]);
    });
  });
});
