import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { checkImageTokens, Idefics3 } from "../../../framework/models/idefics3.ts";
import { readIdefics3Config } from "../../../framework/models/idefics3Config.ts";

const config = {
  architectures: ["SmolVLMForConditionalGeneration"],
  model_type: "smolvlm",
  image_token_id: 9,
  scale_factor: 2,
  text_config: {
    architectures: ["VLlama3ForCausalLM"],
    model_type: "llama",
    vocab_size: 10,
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 1,
    num_attention_heads: 2,
  },
  vision_config: {
    hidden_size: 4,
    intermediate_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    image_size: 8,
    patch_size: 2,
  },
};

describe("Idefics3", () => {
  it("puts a picture's tokens in the place of image tokens", () => {
    const model = new Idefics3(config, { seed: 2 });
    expect(model.tokensPerFrame).to.equal(4);
    tf.tidy(() => {
      const ids = tf.tensor2d([[1, 9, 9, 9, 9, 2]], [1, 6], "int32");
      const pixels = tf.randomUniform([1, 3, 8, 8], -1, 1, "float32", 3);
      const { hiddenStates } = model.forward({ ids, pixels });
      const { features } = model.imageFeatures({ pixels });
      const shown = hiddenStates[0]!.slice([0, 1, 0], [1, 4, 8]);
      expect(shown.sub(features).abs().max().dataSync()[0]).to.equal(0);
      const words = model.text.embed(ids).gather([0, 5], 1);
      const kept = hiddenStates[0]!.gather([0, 5], 1);
      expect(kept.sub(words).abs().max().dataSync()[0]).to.equal(0);
    });
    model.dispose();
  });

  it("reads texts alone", () => {
    const model = new Idefics3(config, { seed: 2 });
    tf.tidy(() => {
      const ids = tf.tensor2d([[1, 2]], [1, 2], "int32");
      expect(model.forward({ ids }).logits.shape).to.deep.equal([1, 2, 10]);
    });
    model.dispose();
  });
});

describe("readIdefics3Config()", () => {
  it("ties the head as the whole model says, not the text inside it", () => {
    const inside = { ...config.text_config, tie_word_embeddings: true };
    const { text_config } = readIdefics3Config({ ...config, text_config: inside });
    expect(text_config).to.include({ tie_word_embeddings: false, vocab_size: 10 });
  });

  it("refuses models of another kind", () => {
    expect(() => readIdefics3Config({ ...config, model_type: "llava" })).to.throw(
      'config key "model_type": expected "idefics3" or "smolvlm", got "llava"',
    );
    const architectures = ["Idefics3ForSequenceClassification"];
    expect(() => readIdefics3Config({ ...config, architectures })).to.throw(
      'config key "architectures": expected one of Idefics3ForConditionalGeneration',
    );
  });
});

describe("checkImageTokens()", () => {
  it("refuses texts with more or fewer image tokens than the pictures give", () => {
    const ids = hostTensor(Int32Array.of(1, 9, 9), [1, 3]);
    expect(() => checkImageTokens(ids, config, 4)).to.throw(
      "Cannot show pictures: expected 4 image tokens of id 9 for them, got 2",
    );
    checkImageTokens(ids, config, 2);
  });
});
