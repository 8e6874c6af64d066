import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Decoder, decoderParameterName } from "../../../framework/models/decoder.ts";

const config = {
  model_type: "qwen2",
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 32,
  initializer_range: 0.5,
};

function withModel(change: object, use: (model: Decoder) => void): void {
  const model = new Decoder({ ...config, ...change }, { seed: 3 });
  try {
    tf.tidy(() => use(model));
  } finally {
    model.dispose();
  }
}

const ids = (rows: number[][]): tf.Tensor2D => tf.tensor2d(rows, undefined, "int32");

function expectLogits(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).to.deep.equal(expected.shape);
  expect(actual.sub(expected).abs().max().dataSync()[0]).to.be.below(1e-5);
}

describe("Decoder", () => {
  it("names parameters as transformers does, the head only where it is its own", () => {
    withModel({}, ({ parameters }) => {
      expect(parameters.has("lm_head.weight")).to.equal(true);
      expect(parameters.get("model.layers.1.self_attn.k_proj.bias")?.shape).to.deep.equal([4]);
      expect(parameters.has("model.layers.1.self_attn.o_proj.bias")).to.equal(false);
      expect(parameters.get("model.layers.0.mlp.down_proj.weight")?.shape).to.deep.equal([8, 12]);
    });
    withModel({ tie_word_embeddings: true }, ({ parameters }) => {
      expect(parameters.has("lm_head.weight")).to.equal(false);
    });
  });

  it("sees no later token", () => {
    withModel({}, (model) => {
      const first = model.forward({ ids: ids([[1, 2, 3, 4]]) }).logits;
      const other = model.forward({ ids: ids([[1, 2, 3, 9]]) }).logits;
      expectLogits(first.slice([0, 0, 0], [1, 3, 11]), other.slice([0, 0, 0], [1, 3, 11]));
    });
  });

  it("continues padded texts from a cache", () => {
    withModel({ tie_word_embeddings: true }, (model) => {
      const alone = model.forward({ ids: ids([[1, 2, 3]]) }).logits;
      const mask = ids([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]); // prettier-ignore
      const rows = ids([[0, 0, 1, 2, 3], [4, 5, 6, 7, 8]]); // prettier-ignore
      const [start, end] = tf.split(rows, [4, 1], 1);
      const [seen] = tf.split(mask, [4, 1], 1);
      const { cache } = model.forward({ ids: start!, mask: seen });
      const { logits } = model.forward({ ids: end!, mask, cache });
      expectLogits(logits.slice([0, 0, 0], [1, 1, 11]), alone.slice([0, 2, 0], [1, 1, 11]));
    });
  });

  it("keeps documents in one row apart by a bias and positions", () => {
    withModel({}, (model) => {
      const { logits } = model.forward({ ids: ids([[7, 8]]) });
      const apart = -1e9;
      const bias = tf
        .tensor4d([0, 0, 0, 0, 0, 0, apart, 0, 0], [1, 1, 3, 3])
        .add(tf.tensor4d([0, 0, 0, apart, 0, 0, 0, 0, 0], [1, 1, 3, 3]));
      const packed = model.forward({ ids: ids([[3, 7, 8]]), bias, positions: ids([[0, 0, 1]]) });
      expectLogits(packed.logits.slice([0, 1, 0], [1, 2, 11]), logits);
    });
  });

  it("takes embeddings in place of ids", () => {
    withModel({}, (model) => {
      const tokens = ids([[1, 2]]);
      const { logits } = model.forward({ embeddings: model.embed(tokens) });
      expectLogits(logits, model.forward({ ids: tokens }).logits);
    });
  });

  it("refuses what does not fit", () => {
    withModel({}, (model) => {
      const tokens = ids([[1, 2]]);
      expect(() => model.forward({})).to.throw("Cannot decode: expected either ids or embeddings");
      expect(() => model.forward({ ids: tf.zeros([1, 2]) })).to.throw(
        "expected int32 ids [batch, tokens], got float32 [1, 2]",
      );
      expect(() => model.forward({ embeddings: tf.zeros([1, 2, 9]) })).to.throw(
        "expected embeddings [batch, tokens, 8], got [1, 2, 9]",
      );
      const { cache } = model.forward({ ids: tokens });
      expect(() => model.forward({ ids: tokens, cache: cache.slice(1) })).to.throw(
        "expected a cache of 2 layers, got 1",
      );
      expect(() => model.forward({ ids: tokens, mask: tokens, cache })).to.throw(
        "expected a mask [1, 4] for all tokens so far, got [1, 2]",
      );
    });
  });
});

describe("decoderParameterName()", () => {
  it("leaves out a copy of the table and old files' frequencies", () => {
    const tied = { tie_word_embeddings: true };
    expect(decoderParameterName("lm_head.weight", tied)).to.equal(undefined);
    expect(decoderParameterName("lm_head.weight", { tie_word_embeddings: false })).to.equal(
      "lm_head.weight",
    );
    const frequencies = "model.layers.0.self_attn.rotary_emb.inv_freq";
    expect(decoderParameterName(frequencies, tied)).to.equal(undefined);
  });
});
