import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { SiglipVisionEncoder } from "../../../framework/models/siglip.ts";
import { readSiglipConfig } from "../../../framework/models/siglipConfig.ts";

const config = {
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  image_size: 8,
  patch_size: 2,
};

describe("SiglipVisionEncoder", () => {
  it("takes pictures of any size that patches divide", () => {
    const model = new SiglipVisionEncoder(config, { seed: 1 });
    tf.tidy(() => {
      const { lastHiddenState } = model.forward(tf.ones([2, 3, 4, 6]));
      expect(lastHiddenState.shape).to.deep.equal([2, 6, 8]);
      for (const shape of [
        [1, 3, 5, 4],
        [1, 3, 10, 4],
        [1, 1, 4, 4],
        [3, 4, 4],
      ]) {
        expect(() => model.forward(tf.ones(shape))).to.throw(RangeError, "Cannot encode pictures");
      }
    });
    model.dispose();
  });

  it("does not look at padding", () => {
    const model = new SiglipVisionEncoder(config, { seed: 1 });
    tf.tidy(() => {
      const left = tf.randomUniform([1, 3, 4, 2], 0, 1, "float32", 5);
      const valid = {
        positions: tf.tensor2d([[0, 0, 8, 0]], [1, 4], "int32"),
        mask: tf.tensor2d([[1, 0, 1, 0]], [1, 4], "int32"),
      };
      const [a, b] = [0, 1].map((value) => {
        const pixels = tf.concat([left, tf.fill([1, 3, 4, 2], value)], 3);
        return model.forward(pixels, valid).lastHiddenState.gather([0, 2], 1);
      });
      expect(a!.sub(b!).abs().max().dataSync()[0]).to.be.below(1e-6);
    });
    model.dispose();
  });
});

describe("readSiglipConfig()", () => {
  it("fills in what transformers leaves out", () => {
    expect(readSiglipConfig({})).to.deep.include({
      hidden_size: 1152,
      intermediate_size: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 16,
      image_size: 224,
      patch_size: 32,
      layer_norm_eps: 1e-6,
      hidden_act: "gelu_pytorch_tanh",
    });
  });

  it("refuses patches that do not fill the picture", () => {
    expect(() => readSiglipConfig({ ...config, patch_size: 3 })).to.throw(
      'config key "patch_size": expected a divisor of image_size 8, got 3',
    );
  });
});
