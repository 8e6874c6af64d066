import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  ClipTextEncoder,
  clipTextParameterName,
  readClipTextEncoderConfig,
} from "../../../framework/models/clipTextEncoder.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import {
  expectGolden,
  goldenTensors,
  readJson,
  readTensors,
  sets,
} from "../../support/stableDiffusion.ts";
import { expectClose } from "../../support/tensors.ts";

/** Ten times the reference's own float32 error. */
const tolerance = 2.5e-5;

const tinyConfig = {
  vocab_size: 9,
  hidden_size: 4,
  intermediate_size: 6,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 5,
  eos_token_id: 7,
};

function ids(...rows: number[][]): tf.Tensor2D {
  return tf.tensor2d(rows, undefined, "int32");
}

describe("ClipTextEncoder", () => {
  for (const set of sets) {
    it(`matches the published implementation on ${set}`, () => {
      const model = new ClipTextEncoder(readJson(set, "text_encoder/config.json"), { seed: null });
      const weights = readTensors(set, "text_encoder/model.safetensors");
      loadParameters(model.parameters, weights, { rename: clipTextParameterName });
      const golden = goldenTensors(set, "text_encoder");
      tf.tidy(() => {
        const input = golden.get("input_ids");
        const { lastHiddenState, pooled, hiddenStates } = model.forward(input);
        expectGolden(lastHiddenState, golden.get("last_hidden_state"), tolerance);
        expectGolden(pooled, golden.get("pooler_output"), tolerance);
        const states = golden.names.filter((name) => name.startsWith("hidden_states."));
        expect(states).to.have.length(hiddenStates.length);
        for (const [i, state] of hiddenStates.entries()) {
          expectGolden(state.slice([0], [1]), golden.get(`hidden_states.${i}`), tolerance);
        }
        expectGolden(model.encode(input), lastHiddenState, 0);
        expectGolden(model.encode(input, { clipSkip: 2 }), golden.get("clip_skip_2"), tolerance);
      });
      model.dispose();
    });
  }

  it("pools where the text first ends", () => {
    const model = new ClipTextEncoder(tinyConfig, { seed: 1 });
    tf.tidy(() => {
      const { lastHiddenState, pooled } = model.forward(ids([1, 7, 8, 7], [1, 2, 3, 7]));
      expectGolden(pooled.slice([0], [1]), lastHiddenState.slice([0, 1], [1, 1]).as2D(1, 4), 0);
      expectGolden(pooled.slice([1], [1]), lastHiddenState.slice([1, 3], [1, 1]).as2D(1, 4), 0);
    });
    model.dispose();
  });

  it("pools at the largest id for the legacy end of text", () => {
    const model = new ClipTextEncoder({ ...tinyConfig, eos_token_id: 2 }, { seed: 1 });
    tf.tidy(() => {
      const { lastHiddenState, pooled } = model.forward(ids([1, 2, 8, 0]));
      expectGolden(pooled, lastHiddenState.slice([0, 2], [1, 1]).as2D(1, 4), 0);
    });
    model.dispose();
  });

  it("projects what it pools where its class says so", () => {
    const architectures = ["CLIPTextModelWithProjection"];
    const model = new ClipTextEncoder(
      { ...tinyConfig, architectures, projection_dim: 3 },
      { seed: 1 },
    );
    tf.tidy(() => {
      const { pooled, projected } = model.forward(ids([1, 7]));
      const weight = model.parameters.get("text_projection.weight")!;
      expect(weight.shape).to.deep.equal([3, 4]);
      expectGolden(projected!, tf.matMul(pooled, weight.as2D(3, 4), false, true), 1e-6);
    });
    model.dispose();
    const plain = new ClipTextEncoder({ ...tinyConfig, projection_dim: 3 }, { seed: null });
    expect(plain.parameters.has("text_projection.weight")).to.equal(false);
    plain.dispose();
  });

  it("sees no later token", () => {
    const model = new ClipTextEncoder(tinyConfig, { seed: 1 });
    tf.tidy(() => {
      const [one, other] = [model.encode(ids([1, 2, 3])), model.encode(ids([1, 2, 4]))];
      expectGolden(one.slice([0, 0], [1, 2]), other.slice([0, 0], [1, 2]), 0);
      expect(one.sub(other).abs().max().dataSync()[0]).to.be.above(0);
    });
    model.dispose();
  });

  it("passes a gradient to the embeddings of the tokens used alone", async () => {
    const model = new ClipTextEncoder(tinyConfig, { seed: 1 });
    const table = model.parameters.get("text_model.embeddings.token_embedding.weight")!;
    const used = tf.tidy(() => {
      const { grads } = tf.variableGrads(
        () =>
          model
            .encode(ids([1, 3, 3]))
            .mul(tf.range(0, 4))
            .sum()
            .asScalar(),
        [table],
      );
      return grads[table.name]!.abs().max(1).greater(0).toInt();
    });
    await expectClose(used, [0, 1, 0, 1, 0, 0, 0, 0, 0]);
    used.dispose();
    model.dispose();
  });

  it("refuses ids and layers that it does not have", () => {
    const model = new ClipTextEncoder(tinyConfig, { seed: null });
    tf.tidy(() => {
      expect(() => model.forward(tf.zeros([1, 3]))).to.throw(RangeError, "got float32 [1, 3]");
      expect(() => model.encode(tf.zeros([1, 6], "int32"))).to.throw(
        RangeError,
        "at most 5 tokens",
      );
      expect(() => model.encode(ids([1]), { clipSkip: 3 })).to.throw(
        RangeError,
        "in [1, 2], got 3",
      );
    });
    model.dispose();
  });
});

describe("readClipTextEncoderConfig()", () => {
  for (const { change, message } of [
    { change: { hidden_act: "relu" }, message: '"hidden_act": expected "quick_gelu" or "gelu"' },
    { change: { vocab_size: undefined }, message: '"vocab_size": expected an integer >= 1, got n' },
    { change: { model_type: "t5" }, message: '"model_type": expected "clip_text_model" or null' },
  ]) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => readClipTextEncoderConfig({ ...tinyConfig, ...change })).to.throw(
        RangeError,
        `Cannot build CLIPTextModel: config key ${message}`,
      );
    });
  }
});

describe("clipTextParameterName()", () => {
  it("adds the prefix where a file lacks it", () => {
    expect(clipTextParameterName("embeddings.position_ids")).to.equal(undefined);
    expect(clipTextParameterName("encoder.layers.0.mlp.fc1.bias")).to.equal(
      "text_model.encoder.layers.0.mlp.fc1.bias",
    );
  });

  it("leaves out the list of positions", () => {
    expect(clipTextParameterName("text_model.embeddings.position_ids")).to.equal(undefined);
    expect(clipTextParameterName("text_model.final_layer_norm.bias")).to.equal(
      "text_model.final_layer_norm.bias",
    );
  });
});
