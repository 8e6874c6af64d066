import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { upsampleNearest } from "../../../../framework/nn/ops/index.ts";
import { expectNumericGradients, normals } from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("upsampleNearest()", () => {
  for (const [factor, row] of [
    [1, [1, 2]],
    [2, [1, 1, 2, 2]],
    [3, [1, 1, 1, 2, 2, 2]],
  ] as const) {
    it(`repeats every pixel ${factor} times in both directions`, async () => {
      const x = tf.tensor([1, 2], [1, 1, 1, 2]);
      const y = upsampleNearest(x, factor);
      await expectClose(y, [[Array.from({ length: factor }, () => [...row])]]);
      tf.dispose([x, y]);
    });
  }

  it("has the gradient of finite differences", async () => {
    const inputs = { x: normals("x", [2, 2, 2, 3]) };
    const dy = normals("dy", [2, 2, 6, 9]);
    await expectNumericGradients((map) => upsampleNearest(map["x"]!, 3), inputs, dy);
    tf.dispose([inputs, dy]);
  });

  it("refuses a factor that is no integer >= 1", () => {
    const x = tf.zeros([1, 1, 1, 1]);
    expect(() => upsampleNearest(x, 1.5)).to.throw(RangeError, "integer factor >= 1, got 1.5");
    x.dispose();
  });
});
