import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { toTensor } from "../../../framework/base/hostTensor.ts";
import {
  ClipVisionEncoder,
  readClipVisionEncoderConfig,
} from "../../../framework/models/clipVisionEncoder.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { clipJson, clipTensors } from "../../support/clip.ts";
import { expectGolden } from "../../support/stableDiffusion.ts";

const config = { ...Object(clipJson("config.json")["vision_config"]), projection_dim: 12 };

describe("ClipVisionEncoder", () => {
  it("matches the published implementation", () => {
    const model = new ClipVisionEncoder(config, { seed: null });
    const weights = clipTensors("model.safetensors");
    const rename = (name: string): string | undefined =>
      name.startsWith("vis") ? name : undefined;
    loadParameters(model.parameters, weights, { rename });
    const golden = clipTensors("golden.safetensors");
    tf.tidy(() => {
      const { lastHiddenState, pooled, projected } = model.forward(toTensor(golden.get("pixels")!));
      const expected = (name: string): tf.Tensor => toTensor(golden.get(name)!);
      expectGolden(lastHiddenState, expected("vision.last_hidden_state"), 1e-5);
      expectGolden(pooled, expected("vision.pooled"), 1e-5);
      const length = projected.square().sum(1, true).sqrt();
      expectGolden(projected.div(length), expected("image_embeds"), 2e-6);
    });
    model.dispose();
  });

  it("leaves out the pixels that no whole patch covers", () => {
    const model = new ClipVisionEncoder({ ...config, image_size: 20 }, { seed: 1 });
    tf.tidy(() => {
      const { lastHiddenState } = model.forward(tf.ones([1, 3, 20, 20]));
      expect(lastHiddenState.shape).to.deep.equal([1, 1 + 2 * 2, 24]);
    });
    model.dispose();
  });

  it("refuses pictures of another size", () => {
    const model = new ClipVisionEncoder(config, { seed: 1 });
    const pixels = tf.zeros([1, 3, 32, 32]);
    expect(() => model.forward(pixels)).to.throw(
      RangeError,
      "Cannot encode pictures: expected [batch, 3, 28, 28], got [1, 3, 32, 32]",
    );
    pixels.dispose();
    model.dispose();
  });

  it("refuses settings that it cannot follow", () => {
    for (const [change, message] of [
      [{ hidden_act: "relu" }, 'config key "hidden_act": expected "quick_gelu"'],
      [{ attention_dropout: 0.1 }, 'config key "attention_dropout": expected 0'],
      [{ patch_size: 32 }, 'config key "patch_size": expected at most image_size 28, got 32'],
      [{ model_type: "siglip_vision_model" }, 'config key "model_type"'],
    ] as const) {
      expect(() => readClipVisionEncoderConfig({ ...config, ...change })).to.throw(
        RangeError,
        `Cannot build CLIPVisionModel: ${message}`,
      );
    }
  });
});
