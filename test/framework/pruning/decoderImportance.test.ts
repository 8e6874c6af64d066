import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Decoder } from "../../../framework/models/decoder.ts";
import { decoderImportance } from "../../../framework/pruning/decoderImportance.ts";

const config = {
  ...{ architectures: ["LlamaForCausalLM"], vocab_size: 16, hidden_size: 8 },
  ...{ intermediate_size: 12, num_hidden_layers: 3, num_attention_heads: 4 },
  ...{ num_key_value_heads: 2, max_position_embeddings: 16, initializer_range: 0.5 },
};

/** Makes a parameter 0 at some places of its first axis, or everywhere. */
function silence(decoder: Decoder, name: string, rows?: [from: number, to: number]): void {
  const variable = decoder.parameters.get(name)!;
  const values = variable.dataSync().slice();
  const width = values.length / variable.shape[0]!;
  values.fill(0, (rows?.[0] ?? 0) * width, rows ? rows[1] * width : undefined);
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

describe("decoderImportance()", () => {
  let decoder: Decoder;
  let batches: { ids: tf.Tensor }[];
  beforeEach(() => {
    decoder = new Decoder(config, { seed: 3 });
    batches = [
      { ids: tf.tensor2d([[1, 2, 3, 4, 5]], [1, 5], "int32") },
      { ids: tf.tensor2d([[9, 8, 7, 6, 15]], [1, 5], "int32") },
    ];
  });
  afterEach(() => {
    decoder.dispose();
    tf.dispose(batches);
  });

  it("finds nothing in what does nothing", async () => {
    silence(decoder, "model.layers.1.self_attn.o_proj.weight");
    silence(decoder, "model.layers.1.mlp.down_proj.weight");
    silence(decoder, "model.layers.0.mlp.up_proj.weight", [4, 5]);
    silence(decoder, "model.layers.2.self_attn.v_proj.weight", [2, 4]); // the second head of values
    const { layers, feedForward, keyValueGroups, features } = await decoderImportance(
      decoder,
      batches,
    );
    expect(layers[1]).to.be.closeTo(0, 1e-6);
    expect(Math.min(layers[0]!, layers[2]!)).to.be.above(0.01);
    const silent = (values: Float32Array): number[] =>
      [...values.entries()].filter(([, value]) => value === 0).map(([i]) => i);
    expect(feedForward.map(silent)).to.deep.equal([[4], [], []]);
    expect(keyValueGroups.map(silent)).to.deep.equal([[], [], [1]]);
    expect([features.length, silent(features)]).to.deep.equal([8, []]);
  });

  it("is a mean over batches", async () => {
    const [first, second] = [
      await decoderImportance(decoder, batches.slice(0, 1)),
      await decoderImportance(decoder, batches.slice(1)),
    ];
    const both = await decoderImportance(decoder, batches);
    const mean = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
      Array.from(a, (value, i) => (value + b[i]!) / 2);
    for (const [got, expected] of [
      [both.layers, mean(first.layers, second.layers)],
      [both.features, mean(first.features, second.features)],
      [both.feedForward[1]!, mean(first.feedForward[1]!, second.feedForward[1]!)],
      [both.keyValueGroups[2]!, mean(first.keyValueGroups[2]!, second.keyValueGroups[2]!)],
    ] as const) {
      for (const [i, value] of expected.entries()) expect(got[i]).to.be.closeTo(value, 1e-5);
    }
  });

  it("refuses to measure without texts", async () => {
    const error = await decoderImportance(decoder, []).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(RangeError);
  });
});
