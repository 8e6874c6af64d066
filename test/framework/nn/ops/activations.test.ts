import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { gelu, silu } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

interface Case {
  title: string;
  kernel: string;
  attributes: tf.NamedAttrMap;
  run: (x: tf.Tensor) => tf.Tensor;
  /** Values at -2, 0 and 1. */
  expected: number[];
}

const cases: Case[] = [
  {
    title: "silu()",
    kernel: "SeedbedSilu",
    attributes: {},
    run: silu,
    expected: [-0.2384058, 0, 0.7310586],
  },
  {
    title: "gelu()",
    kernel: "SeedbedGelu",
    attributes: { approximate: "none" },
    run: (x) => gelu(x),
    expected: [-0.0455003, 0, 0.8413447],
  },
  {
    title: 'gelu("tanh")',
    kernel: "SeedbedGelu",
    attributes: { approximate: "tanh" },
    run: (x) => gelu(x, "tanh"),
    expected: [-0.0454023, 0, 0.841192],
  },
  {
    title: 'gelu("quick")',
    kernel: "SeedbedGelu",
    attributes: { approximate: "quick" },
    run: (x) => gelu(x, "quick"),
    expected: [-0.0643414, 0, 0.8457957],
  },
];

for (const { title, kernel, attributes, run, expected } of cases) {
  describe(title, () => {
    it("has the values of its definition", async () => {
      const x = tf.tensor([-2, 0, 1]);
      const y = run(x);
      await expectClose(y, expected, 1e-6);
      tf.dispose([x, y]);
    });

    it("has the gradient of finite differences", async () => {
      const inputs = { x: normals("x", [2, 9]) };
      const dy = normals("dy", [2, 9]);
      const runMap = (map: tf.NamedTensorMap): tf.Tensor => run(map["x"]!);
      await expectNumericGradients(runMap, inputs, dy);
      tf.tidy(() => {
        expectSameGradients(
          registeredGradients(kernel, inputs, [run(inputs.x)], dy, attributes),
          tapeGradients(runMap, inputs, dy),
          1e-5,
        );
      });
      tf.dispose([inputs, dy]);
    });
  });
}
