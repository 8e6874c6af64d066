import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Decoder } from "../../../framework/models/decoder.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import type { DecoderWeights } from "../../../framework/pruning/decoderWeights.ts";
import { keepFeedForwardChannels } from "../../../framework/pruning/keepFeedForwardChannels.ts";
import { keepHiddenChannels } from "../../../framework/pruning/keepHiddenChannels.ts";
import { keepKeyValueGroups } from "../../../framework/pruning/keepKeyValueGroups.ts";
import { keepLargest } from "../../../framework/pruning/keepLargest.ts";
import { keepLayers } from "../../../framework/pruning/keepLayers.ts";
import { keepVocabulary } from "../../../framework/pruning/keepVocabulary.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";

const folder = (name: string): string =>
  path.join(import.meta.dirname, "../../fixtures/nano", name);

function readWeights(name: string): DecoderWeights {
  const { config, tensors } = readModelFolder(folder(name));
  return { config: { ...Object(config) }, tensors };
}

/** What a model answers, as a tensor that the caller disposes. */
function logitsOf({ config, tensors }: DecoderWeights, ids: tf.Tensor): tf.Tensor {
  const decoder = new Decoder(config, { seed: null });
  loadParameters(decoder.parameters, tensors);
  const logits = tf.tidy(() => decoder.forward({ ids }).logits);
  decoder.dispose();
  return logits;
}

/** Logits of pruned models are compared with published ones in test/parity/nano. */
describe("pruning a decoder", () => {
  const model = readWeights("smollm2-tiny");
  const someText = (): tf.Tensor => tf.tensor2d([[7, 100, 3, 250, 100, 9]], [1, 6], "int32");

  it("drops the biases of a group of heads with it", () => {
    const qwen = readWeights("qwen2-tiny");
    const layers = Number(qwen.config["num_hidden_layers"]);
    const groups = Number(qwen.config["num_key_value_heads"]);
    const kept = Array.from({ length: layers }, () => [groups - 1]);
    const ids = someText();
    const logits = logitsOf(keepKeyValueGroups(qwen, kept), ids);
    expect(logits.shape.slice(0, 2)).to.deep.equal([1, 6]);
    tf.dispose([ids, logits]);
  });

  it("answers about the tokens that stay as before", () => {
    const ids = someText();
    const known = [...new Set([0, 1, 2, ...ids.dataSync<"int32">()])].toSorted((a, b) => a - b);
    const place = new Map(known.map((id, i) => [id, i]));
    const pruned = keepVocabulary(model, known);
    const renamed = tf.tensor2d([[...ids.dataSync()].map((id) => place.get(id)!)], [1, 6], "int32");
    const [few, all] = [logitsOf(pruned, renamed), logitsOf(model, ids)];
    const picked = tf.tidy(() => all.gather(tf.tensor1d(known, "int32"), 2));
    expect(tf.tidy(() => few.sub(picked).abs().max().dataSync()[0]!)).to.be.below(1e-5);
    expect(pruned.config["vocab_size"]).to.equal(known.length);
    tf.dispose([ids, renamed, few, all, picked]);
  });

  it("keeps features between the layers, and the width of heads", () => {
    const half = Array.from({ length: 32 }, (_, i) => 2 * i);
    const pruned = keepHiddenChannels(model, half);
    expect([pruned.config["hidden_size"], pruned.config["head_dim"]]).to.deep.equal([32, 16]);
    const at = (weights: DecoderWeights, name: string): number[] => [
      ...weights.tensors.get(name)!.values.slice(0, 4),
    ];
    const norm = model.tensors.get("model.norm.weight")!.values;
    expect(at(pruned, "model.norm.weight")).to.deep.equal([norm[0], norm[2], norm[4], norm[6]]);
    const ids = someText();
    const logits = logitsOf(pruned, ids); // every tensor has the shape that the settings ask for
    expect(logits.shape).to.deep.equal([1, 6, 512]);
    tf.dispose([ids, logits]);
  });

  it("refuses what is not there", () => {
    expect(() => keepLayers(model, [0, 3])).to.throw(RangeError, "Cannot keep layers [0, 3]");
    expect(() => keepFeedForwardChannels(model, [[0], [1]])).to.throw(
      RangeError,
      "expected what stays in each of 3 layers, the same number in all, got [1, 1]",
    );
    expect(() => keepFeedForwardChannels(model, [[160], [0], [0]])).to.throw(
      RangeError,
      "expected places 0 to 159, got 160",
    );
    expect(() => keepVocabulary(model, [3, 4])).to.throw(
      RangeError,
      "the model's bos_token_id 1 is not among the tokens that stay",
    );
    expect(() => keepLargest([1], 2)).to.throw(RangeError, "expected 1 to 1 of them, got 2");
  });
});
