import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import type { RopeConfig } from "../../../framework/nn/rope/index.ts";
import {
  rotate,
  rotationAt,
  rotationFrom,
  rotationValues,
} from "../../../framework/nn/rotaryEmbedding.ts";
import { expectNumericGradients, normals } from "../../support/gradients.ts";
import { expectClose } from "../../support/tensors.ts";

const config: RopeConfig = {
  head_dim: 4,
  rope_theta: 100,
  max_position_embeddings: 8,
  rope_scaling: { rope_type: "default" },
};

describe("rotate()", () => {
  it("turns the pair (i, i + features / 2) by position times frequency", async () => {
    const x = tf.tensor4d([1, 0, 0, 2], [1, 1, 1, 4]);
    const rotation = rotationFrom(config, 3, 1);
    const y = rotate(x, rotation);
    const [fast, slow] = [3, 0.3];
    await expectClose(y, [
      [[[Math.cos(fast), -2 * Math.sin(slow), Math.sin(fast), 2 * Math.cos(slow)]]],
    ]);
    tf.dispose([x, y, { ...rotation }]);
  });

  it("has the gradient that turns back, also when scores are sharpened", async () => {
    const scaled: RopeConfig = {
      ...config,
      rope_scaling: {
        rope_type: "yarn",
        factor: 4,
        original_max_position_embeddings: 8,
        beta_fast: 32,
        beta_slow: 1,
        attention_factor: null,
      },
    };
    const inputs = { x: normals("x", [1, 2, 3, 4]) };
    const dy = normals("dy", [1, 2, 3, 4]);
    await expectNumericGradients(({ x }) => rotate(x!, rotationFrom(scaled, 1, 3)), inputs, dy);
    tf.dispose([inputs.x, dy]);
  });
});

describe("rotationAt()", () => {
  it("agrees with consecutive positions", async () => {
    const positions = tf.tensor2d([[5, 6]], [1, 2], "int32");
    const at = tf.tidy(() => ({ ...rotationAt(config, positions, 7) }));
    const { cos, sin } = rotationValues(config, 5, 2);
    const expected = [cos, sin].map((values) => tf.tensor4d(values, [1, 1, 2, 2]));
    await expectClose(at.cos, expected[0]!, 1e-6);
    await expectClose(at.sin, expected[1]!, 1e-6);
    tf.dispose([positions, at, expected]);
  });
});

describe("rotationValues()", () => {
  it("rounds angles to float32, as far positions in transformers are", () => {
    const far = 1_000_001;
    const { cos } = rotationValues({ ...config, rope_theta: 3 }, far, 1);
    const angle = Math.fround(far * Math.fround(1 / Math.sqrt(3)));
    expect(cos[1]).to.equal(Math.fround(Math.cos(angle)));
  });
});
