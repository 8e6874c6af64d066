import { expect } from "chai";
import { describe, it } from "mocha";

import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";

/** The smallest settings of each family. */
const llama = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 16,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 32,
};
const mistral = {
  ...llama,
  architectures: ["MistralForCausalLM"],
  model_type: "mistral",
  num_key_value_heads: 2,
};
const qwen2 = { ...mistral, architectures: ["Qwen2ForCausalLM"], model_type: "qwen2" };

describe("readDecoderConfig()", () => {
  it("fills in what transformers leaves out", () => {
    const config = readDecoderConfig(llama);
    expect(config).to.include({
      model_type: "llama",
      head_dim: 2,
      num_key_value_heads: 4,
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      tie_word_embeddings: false,
      qkv_bias: false,
      output_bias: false,
      mlp_bias: false,
    });
    expect(config.rope_scaling).to.deep.equal({ rope_type: "default" });
    expect(config.layer_windows).to.deep.equal([null, null]);
  });

  it("knows the family by its class or its type", () => {
    const { model_type: _type, ...classAlone } = qwen2;
    const { architectures: _class, ...typeAlone } = qwen2;
    expect(readDecoderConfig(classAlone).model_type).to.equal("qwen2");
    expect(readDecoderConfig(typeAlone).model_type).to.equal("qwen2");
  });

  it("knows which projections have biases", () => {
    expect(readDecoderConfig(qwen2)).to.include({ qkv_bias: true, output_bias: false });
    const biased = { ...llama, attention_bias: true, mlp_bias: true };
    expect(readDecoderConfig(biased)).to.include({
      qkv_bias: true,
      output_bias: true,
      mlp_bias: true,
    });
  });

  for (const [title, config, windows] of [
    ["Mistral's default", mistral, [4096, 4096]],
    ["Mistral's own", { ...mistral, sliding_window: 8 }, [8, 8]],
    ["Mistral's null", { ...mistral, sliding_window: null }, [null, null]],
    ["Qwen2's, switched off", { ...qwen2, sliding_window: 8 }, [null, null]],
    [
      "Qwen2's, from a layer on",
      { ...qwen2, use_sliding_window: true, sliding_window: 8, max_window_layers: 1 },
      [null, 8],
    ],
    [
      "Qwen2's, listed",
      {
        ...qwen2,
        use_sliding_window: true,
        sliding_window: 8,
        layer_types: ["sliding_attention", "full_attention"],
      },
      [8, null],
    ],
  ] as const) {
    it(`reads windows: ${title}`, () => {
      expect(readDecoderConfig(config).layer_windows).to.deep.equal(windows);
    });
  }

  it("reads rotary settings under their older and newer names", () => {
    const older = { ...llama, rope_theta: 5, rope_scaling: { type: "linear", factor: 2 } };
    const newer = {
      ...llama,
      rope_parameters: { rope_type: "linear", factor: 2, rope_theta: 5 },
    };
    for (const config of [older, newer]) {
      const { rope_theta, rope_scaling } = readDecoderConfig(config);
      expect(rope_theta).to.equal(5);
      expect(rope_scaling).to.deep.equal({ rope_type: "linear", factor: 2 });
    }
  });

  it("gives YaRN its defaults", () => {
    const { rope_scaling } = readDecoderConfig({ ...llama, rope_scaling: { rope_type: "yarn", factor: 4 } }); // prettier-ignore
    expect(rope_scaling).to.deep.equal({
      rope_type: "yarn",
      factor: 4,
      original_max_position_embeddings: 32,
      beta_fast: 32,
      beta_slow: 1,
      attention_factor: null,
    });
  });

  for (const [change, message] of [
    [
      { architectures: ["GemmaForCausalLM"], model_type: "gemma" },
      'config key "architectures": expected one of LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, got ["GemmaForCausalLM"]',
    ],
    [{ architectures: null, model_type: "gemma" }, 'config key "model_type": expected "llama" or'],
    [{ model_type: "qwen2" }, 'config key "model_type": expected "llama", got "qwen2"'],
    [{ vocab_size: undefined }, 'config key "vocab_size": expected an integer >= 1, got nothing'],
    [
      { num_hidden_layers: 4_967_296 },
      '"num_hidden_layers": expected at most 10000 layers, got 4967296',
    ],
    [
      { num_key_value_heads: 3 },
      '"num_key_value_heads": expected a divisor of num_attention_heads 4',
    ],
    [{ num_attention_heads: 3 }, '"num_attention_heads": expected a divisor of hidden_size 8'],
    [{ head_dim: 3 }, '"head_dim": expected heads of even width, got 3'],
    [{ hidden_act: "gelu" }, 'config key "hidden_act": expected "silu" or "swish" or null'],
    [
      { rope_scaling: { rope_type: "longrope" } },
      'LlamaForCausalLM rope_scaling: config key "rope_type": expected "default" or',
    ],
    [
      { rope_scaling: { rope_type: "llama3", factor: 8 } },
      '"original_max_position_embeddings": expected an integer',
    ],
    [
      { rope_scaling: { rope_type: "linear", factor: 0 } },
      'config key "factor": expected a number > 0, got 0',
    ],
    [{ rope_scaling: "linear" }, 'config key "rope_scaling": expected an object, got "linear"'],
  ] as const) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => readDecoderConfig({ ...llama, ...change })).to.throw(RangeError, message);
    });
  }
});
