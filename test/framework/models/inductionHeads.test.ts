import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { Decoder } from "../../../framework/models/decoder.ts";
import { startInductionHeads } from "../../../framework/models/inductionHeads.ts";
import { nextTokenLoss } from "../../../framework/models/nextTokenLoss.ts";

const config = {
  model_type: "qwen2",
  vocab_size: 400,
  hidden_size: 192,
  intermediate_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  head_dim: 64,
  num_key_value_heads: 2,
  rope_theta: 500_000,
  max_position_embeddings: 128,
  tie_word_embeddings: true,
};

const newModel = (change: object = {}, zeroResiduals = true): Decoder =>
  new Decoder({ ...config, ...change }, { seed: 5, zeroResiduals });

/** Of a text that is said twice: share of the second time's tokens that are expected most. */
function copied(model: Decoder): number {
  const random = new RandomStream(1, "text");
  const text = Array.from({ length: 60 }, () => random.integer(config.vocab_size));
  const ids = [...text, ...text];
  return tf.tidy(() => {
    const { logits } = model.forward({ ids: tf.tensor2d([ids], undefined, "int32") });
    const expected = logits.argMax(-1).dataSync().slice(text.length, -1);
    const right = [...expected].filter((id, i) => id === text[i + 1]);
    return right.length / expected.length;
  });
}

describe("startInductionHeads()", () => {
  it("has a model that learnt nothing go on with what followed a token before", () => {
    const model = newModel();
    expect(copied(model)).to.be.below(0.05);
    startInductionHeads(model, 5);
    expect(copied(model)).to.be.above(0.6);
    model.dispose();
  });

  it("does so with heads that share no keys", () => {
    const model = newModel({ num_key_value_heads: 4 });
    startInductionHeads(model, 5);
    expect(copied(model)).to.be.above(0.6);
    model.dispose();
  });

  it("sets the same values for the same seed, and leaves the other layers", () => {
    const [one, other, plain] = [newModel(), newModel(), newModel()];
    startInductionHeads(one, 7);
    startInductionHeads(other, 7);
    for (const [name, variable] of one.parameters) {
      expect(variable.dataSync()).to.deep.equal(other.parameters.get(name)!.dataSync());
      if (/layers\.[01]\.self_attn/.test(name)) continue;
      expect(variable.dataSync()).to.deep.equal(plain.parameters.get(name)!.dataSync());
    }
    for (const model of [one, other, plain]) model.dispose();
  });

  it("leaves no two features of queries or of keys alike that would learn alike, or not at all", () => {
    const model = newModel();
    startInductionHeads(model, 5);
    const names = [0, 1].map((layer) => `model.layers.${layer}.self_attn`);
    const learning = names.flatMap((name) => [`${name}.q_proj.weight`, `${name}.k_proj.weight`]);
    const random = new RandomStream(2, "text");
    const ids = Array.from({ length: 80 }, () => random.integer(40));
    const { grads, value } = tf.variableGrads(() => {
      const { logits } = model.forward({ ids: tf.tensor2d([ids], undefined, "int32") });
      return nextTokenLoss(logits, tf.tensor2d([ids], undefined, "int32")).asScalar();
    });
    for (const name of learning) {
      const variable = model.parameters.get(name)!;
      const [rows = 1] = variable.shape;
      // A row that has no slope and one that is another's both occur twice.
      const both = tf.tidy(() =>
        variable.concat(grads[variable.name]!, 1).as2D(rows, -1).arraySync(),
      );
      expect(new Set(both.map((row) => JSON.stringify(row))).size, name).to.equal(rows);
    }
    tf.dispose([grads, value]);
    model.dispose();
  });

  const wrong: [string, object, boolean, RegExp][] = [
    ["no biases", { model_type: "llama" }, true, /biases of queries and keys/],
    ["a head of its own", { tie_word_embeddings: false }, true, /is the table of embeddings/],
    ["one layer", { num_hidden_layers: 1 }, true, /two layers or more, got 1/],
    ["wide heads", { head_dim: 128 }, true, /at most 96 features.*got 128/],
    ["others that speak", {}, false, /zeroResiduals/],
  ];
  for (const [name, change, zeroResiduals, message] of wrong) {
    it(`refuses a model with ${name}`, () => {
      const model = newModel(change, zeroResiduals);
      expect(() => startInductionHeads(model, 5)).to.throw(RangeError, message);
      model.dispose();
    });
  }
});
