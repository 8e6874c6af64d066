import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { resizeBilinear } from "../../../../framework/nn/ops/index.ts";
import { expectNumericGradients, normals } from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

/** Rows of an image and of what PyTorch's `interpolate` makes of them. */
const cases = [
  { from: [1, 2], to: [1, 1.25, 1.75, 2], alignCorners: false },
  { from: [1, 2], to: [1, 4 / 3, 5 / 3, 2], alignCorners: true },
  { from: [0, 1, 2, 3], to: [0.5, 2.5], alignCorners: false },
  { from: [0, 1, 2, 3], to: [0, 3], alignCorners: true },
  { from: [0, 1, 2, 3], to: [1.5], alignCorners: false },
  { from: [0, 1, 2, 3], to: [0], alignCorners: true },
  { from: [7], to: [7, 7, 7], alignCorners: false },
];

describe("resizeBilinear()", () => {
  for (const { from, to, alignCorners } of cases) {
    it(`makes ${to.length} of ${from.length} pixels, alignCorners ${alignCorners}`, async () => {
      const row = tf.tensor(from, [1, 1, 1, from.length]);
      const column = tf.tensor(from, [1, 1, from.length, 1]);
      const options = { alignCorners };
      const wide = resizeBilinear(row, [1, to.length], options);
      const high = resizeBilinear(column, [to.length, 1], options);
      await expectClose(wide, [[[to]]], 1e-6);
      await expectClose(high, [[to.map((value) => [value])]], 1e-6);
      tf.dispose([row, column, wide, high]);
    });
  }

  it("blends both axes and keeps images and channels apart", async () => {
    const x = tf.tensor([1, 2, 3, 4, 10, 10, 10, 10], [1, 2, 2, 2]);
    const y = resizeBilinear(x, [4, 4]);
    const rows = [0, 0.5, 1.5, 2].map((down) => [1, 1.25, 1.75, 2].map((value) => value + down));
    await expectClose(y, [[rows, rows.map((row) => row.map(() => 10))]], 1e-5);
    tf.dispose([x, y]);
  });

  it("has the gradient of finite differences", async () => {
    const inputs = { x: normals("x", [2, 2, 3, 2]) };
    const dy = normals("dy", [2, 2, 4, 3]);
    await expectNumericGradients((map) => resizeBilinear(map["x"]!, [4, 3]), inputs, dy);
    tf.dispose([inputs, dy]);
  });
});
