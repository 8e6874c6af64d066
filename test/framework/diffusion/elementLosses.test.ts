import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { elementLosses, type LossType } from "../../../framework/diffusion/elementLosses.ts";

const differences = [-2, -0.5, -0.05, 0, 0.1, 0.3, 3];
const delta = 0.2;

/**
 * PyTorch 2.13: `mse_loss`, `l1_loss`, `huber_loss(delta=0.2)`, `smooth_l1_loss(beta=0.2)`, and
 * `2 * c * (sqrt(d ** 2 + c ** 2) - c)` as kohya-ss/sd-scripts has it, without the factor c for its
 * smooth_l1; gradients by autograd.
 */
const published: readonly { type: LossType; values: number[]; gradients?: number[] }[] = [
  { type: "mse", values: [4, 0.25, 0.0025, 0, 0.01, 0.09, 9] },
  { type: "l1", values: [2, 0.5, 0.05, 0, 0.1, 0.3, 3] },
  {
    type: "huber",
    values: [0.38, 0.08, 0.00125, 0, 0.005, 0.04, 0.58],
    gradients: [-0.2, -0.2, -0.05, 0, 0.1, 0.2, 0.2],
  },
  {
    type: "smoothL1",
    values: [1.9, 0.4, 0.00625, 0, 0.025, 0.2, 2.9],
    gradients: [-1, -1, -0.25, 0, 0.5, 1, 1],
  },
  {
    type: "pseudoHuber",
    values: [0.72399008, 0.1354066, 0.00246211, 0, 0.00944272, 0.06422205, 1.12266374],
    gradients: [-0.39801487, -0.3713907, -0.09701425, 0, 0.17888544, 0.33282018, 0.39911407],
  },
  {
    type: "pseudoSmoothL1",
    values: [3.6199503, 0.67703295, 0.01231056, 0, 0.04721361, 0.32111022, 5.61331844],
  },
];

describe("elementLosses", () => {
  for (const { type, values, gradients } of published) {
    it(`${type} are PyTorch's`, async () => {
      const loss = (x: tf.Tensor): tf.Tensor => elementLosses[type](x, tf.scalar(delta));
      const found = tf.tidy(() => loss(tf.tensor1d(differences)));
      const actual = await found.data();
      values.forEach((value, i) =>
        expect(actual[i], `at ${differences[i]}`).to.be.closeTo(value, 1e-6),
      );
      found.dispose();
      if (!gradients) return;
      const gradient = tf.tidy(() => tf.grad(loss)(tf.tensor1d(differences)));
      const slopes = await gradient.data();
      gradients.forEach((value, i) =>
        expect(slopes[i], `slope at ${differences[i]}`).to.be.closeTo(value, 1e-6),
      );
      gradient.dispose();
    });
  }
});
