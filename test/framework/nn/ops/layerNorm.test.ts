import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { layerNorm, layerStatistics } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("layerNorm()", () => {
  it("normalises the last axis, then scales and shifts features", async () => {
    const x = tf.tensor([1, 3, 10, 30], [2, 2]);
    const [scale, offset] = [tf.tensor([1, 2]), tf.tensor([0, 5])];
    const y = layerNorm(x, scale, offset, { epsilon: 0 });
    await expectClose(y, [
      [-1, 7],
      [-1, 7],
    ]);
    tf.dispose([x, scale, offset, y]);
  });

  it("has the gradients of finite differences", async () => {
    const inputs = {
      x: normals("x", [2, 3, 5]),
      scale: normals("scale", [5]),
      offset: normals("offset", [5]),
    };
    const run = (map: tf.NamedTensorMap): tf.Tensor =>
      layerNorm(map["x"]!, map["scale"]!, map["offset"]!, { epsilon: 1e-5 });
    const y = run(inputs);
    const { mean, inverseDeviation } = layerStatistics(inputs.x, 1e-5);
    const dy = normals("dy", y.shape);
    await expectNumericGradients(run, inputs, dy);
    tf.tidy(() => {
      expectSameGradients(
        registeredGradients("SeedbedLayerNorm", inputs, [y, mean, inverseDeviation], dy, {
          epsilon: 1e-5,
        }),
        tapeGradients(run, inputs, dy),
      );
    });
    tf.dispose([inputs, y, mean, inverseDeviation, dy]);
  });
});
