import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  hiddenCosineDistance,
  hiddenSquaredError,
} from "../../../framework/distillation/hiddenStates.ts";

/** Gradients are compared with PyTorch's in test/parity/nano. */
describe("hiddenSquaredError()", () => {
  it("is the mean over each position's features", () => {
    tf.tidy(() => {
      const [student, teacher] = [
        tf.tensor2d([
          [1, 2],
          [0, 0],
        ]),
        tf.tensor2d([
          [1, 4],
          [1, 1],
        ]),
      ];
      expect([...hiddenSquaredError(student, teacher).dataSync()]).to.deep.equal([2, 1]);
    });
  });
});

describe("hiddenCosineDistance()", () => {
  it("is 0 for one direction, 1 for a right angle, 2 for the opposite, whatever the length", () => {
    tf.tidy(() => {
      const [student, teacher] = [
        tf.tensor2d([
          [2, 0],
          [0, 3],
          [1, 0],
        ]),
        tf.tensor2d([
          [1, 0],
          [1, 0],
          [-4, 0],
        ]),
      ];
      expect([...hiddenCosineDistance(student, teacher).dataSync()]).to.deep.equal([0, 1, 2]);
    });
  });

  it("is 1 for a state of zeros", () => {
    tf.tidy(() => {
      const distance = hiddenCosineDistance(tf.zeros([1, 3]), tf.ones([1, 3]));
      expect([...distance.dataSync()]).to.deep.equal([1]);
    });
  });
});
