import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { groupNorm, groupStatistics } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("groupNorm()", () => {
  it("normalises within groups, then scales and shifts channels", async () => {
    const x = tf.tensor([1, 3, 5, 7, 10, 10, 20, 20], [1, 4, 2]);
    const [scale, offset] = [tf.tensor([1, 2, 1, 1]), tf.tensor([0, 0, 0, 100])];
    const y = groupNorm(x, scale, offset, { groups: 2, epsilon: 0 });
    const a = 1 / Math.sqrt(5); // the first group has mean 4 and variance 5
    await expectClose(y, [
      [
        [-3 * a, -a],
        [2 * a, 6 * a],
        [-1, -1],
        [101, 101],
      ],
    ]);
    tf.dispose([x, scale, offset, y]);
  });

  it("adds epsilon to the variance", async () => {
    const [x, scale, offset] = [tf.tensor([-1, 1], [1, 1, 2]), tf.tensor([1]), tf.tensor([0])];
    const y = groupNorm(x, scale, offset, { groups: 1, epsilon: 3 });
    await expectClose(y, [[[-0.5, 0.5]]]);
    tf.dispose([x, scale, offset, y]);
  });

  for (const activation of ["none", "silu"] as const) {
    it(`has the gradients of finite differences with activation ${activation}`, async () => {
      const inputs = {
        x: normals("x", [2, 4, 3, 2]),
        scale: normals("scale", [4]),
        offset: normals("offset", [4]),
      };
      const options = { groups: 2, epsilon: 1e-5, activation };
      const run = (map: tf.NamedTensorMap): tf.Tensor =>
        groupNorm(map["x"]!, map["scale"]!, map["offset"]!, options);
      const y = run(inputs);
      const { mean, inverseDeviation } = groupStatistics(inputs.x, 2, 1e-5);
      expect(mean.shape).to.deep.equal([2, 2, 1]);
      const dy = normals("dy", y.shape);
      await expectNumericGradients(run, inputs, dy);
      tf.tidy(() => {
        expectSameGradients(
          registeredGradients("SeedbedGroupNorm", inputs, [y, mean, inverseDeviation], dy, options),
          tapeGradients(run, inputs, dy),
        );
      });
      tf.dispose([inputs, y, mean, inverseDeviation, dy]);
    });
  }

  it("refuses groups that do not divide the channels", () => {
    const [x, scale] = [tf.zeros([1, 4, 2]), tf.zeros([4])];
    expect(() => groupNorm(x, scale, scale, { groups: 3, epsilon: 0 })).to.throw(
      RangeError,
      "3 groups do not divide 4 channels",
    );
    tf.dispose([x, scale]);
  });
});
