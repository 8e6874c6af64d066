import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { upsampleNearest2x } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("upsampleNearest2x()", () => {
  it("repeats every pixel in both directions", async () => {
    const x = tf.tensor([1, 2, 3, 4], [1, 2, 1, 2]);
    const y = upsampleNearest2x(x);
    await expectClose(y, [
      [
        [
          [1, 1, 2, 2],
          [1, 1, 2, 2],
        ],
        [
          [3, 3, 4, 4],
          [3, 3, 4, 4],
        ],
      ],
    ]);
    tf.dispose([x, y]);
  });

  it("has the gradient of finite differences", async () => {
    const inputs = { x: normals("x", [2, 2, 2, 3]) };
    const dy = normals("dy", [2, 2, 4, 6]);
    const run = (map: tf.NamedTensorMap): tf.Tensor => upsampleNearest2x(map["x"]!);
    await expectNumericGradients(run, inputs, dy);
    tf.tidy(() => {
      expectSameGradients(
        registeredGradients("SeedbedUpsampleNearest2x", inputs, [run(inputs)], dy),
        tapeGradients(run, inputs, dy),
      );
    });
    tf.dispose([inputs, dy]);
  });
});
