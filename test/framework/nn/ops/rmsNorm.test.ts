import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { inverseRms, rmsNorm } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("rmsNorm()", () => {
  it("divides the last axis by its root mean square, then scales features", async () => {
    const x = tf.tensor([3, 4, -30, 40], [2, 2]); // mean squares 12.5 and 1250
    const scale = tf.tensor([1, 2]);
    const y = rmsNorm(x, scale, { epsilon: 0 });
    const a = Math.SQRT1_2 / 2.5;
    await expectClose(y, [
      [3 * a, 8 * a],
      [-3 * a, 8 * a],
    ]);
    tf.dispose([x, scale, y]);
  });

  it("adds epsilon to the mean square", async () => {
    const [x, scale] = [tf.tensor([[1, 1]]), tf.tensor([1, 1])];
    const y = rmsNorm(x, scale, { epsilon: 3 });
    await expectClose(y, [[0.5, 0.5]]);
    tf.dispose([x, scale, y]);
  });

  it("has the gradients of finite differences", async () => {
    const inputs = { x: normals("x", [2, 3, 5]), scale: normals("scale", [5]) };
    const run = (map: tf.NamedTensorMap): tf.Tensor =>
      rmsNorm(map["x"]!, map["scale"]!, { epsilon: 1e-5 });
    const outputs = [run(inputs), inverseRms(inputs.x, 1e-5)];
    const dy = normals("dy", [2, 3, 5]);
    await expectNumericGradients(run, inputs, dy);
    tf.tidy(() => {
      expectSameGradients(
        registeredGradients("SeedbedRmsNorm", inputs, outputs, dy, { epsilon: 1e-5 }),
        tapeGradients(run, inputs, dy),
      );
    });
    tf.dispose([inputs, outputs, dy]);
  });
});
