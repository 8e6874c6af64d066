import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Decoder } from "../../../framework/models/decoder.ts";
import { layerStatistics } from "../../../framework/nn/layerStatistics.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { blockInfluence } from "../../../framework/pruning/blockInfluence.ts";
import type { DecoderWeights } from "../../../framework/pruning/decoderWeights.ts";
import { keepFeedForwardChannels } from "../../../framework/pruning/keepFeedForwardChannels.ts";
import { keepHiddenChannels } from "../../../framework/pruning/keepHiddenChannels.ts";
import { keepKeyValueGroups } from "../../../framework/pruning/keepKeyValueGroups.ts";
import { keepLargest } from "../../../framework/pruning/keepLargest.ts";
import { keepLayers } from "../../../framework/pruning/keepLayers.ts";
import { keepVocabulary } from "../../../framework/pruning/keepVocabulary.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";
import { operationFixture } from "../../support/nanoFixtures.ts";
import { expectClose } from "../../support/tensors.ts";

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

interface Scalars {
  block_influence: number[];
  width_keep: number;
  depth_drop: number;
}

describe("pruning a decoder", () => {
  const model = readWeights("smollm2-tiny");
  const { tensor, scalars } = operationFixture<Scalars>("prune");
  const { width_keep: width, depth_drop: dropped } = scalars;

  /** The fixture asks all models about the first of the texts. */
  const firstText = (): tf.Tensor => tf.tidy(() => tensor("calib_ids").slice([0, 0], [1, -1]));

  async function importances(): Promise<Float32Array[]> {
    const decoder = new Decoder(model.config, { seed: null });
    loadParameters(decoder.parameters, model.tensors);
    const name = (i: number): string => `model.layers.${i}.mlp.down_proj.weight`;
    const weights = new Map(
      [0, 1, 2].map((i) => [name(i), decoder.parameters.get(name(i))!] as const),
    );
    const found = await layerStatistics(weights, () =>
      tf.tidy(() => void decoder.forward({ ids: tensor("calib_ids") })),
    );
    decoder.dispose();
    return [0, 1, 2].map((i) => found.get(name(i))!.meanAbsolute);
  }

  async function expectLogits(pruned: DecoderWeights, name: string): Promise<void> {
    const ids = firstText();
    const [logits, expected] = [logitsOf(pruned, ids), tensor(`logits.${name}`)];
    await expectClose(logits, expected, 1e-4);
    tf.dispose([ids, logits, expected]);
  }

  it("begins with a model that answers as transformers' does", () => expectLogits(model, "full"));

  it("measures each layer's influence", async () => {
    const decoder = new Decoder(model.config, { seed: null });
    loadParameters(decoder.parameters, model.tensors);
    const influences = tf.tidy(() => {
      const { hiddenStates, unnormed } = decoder.forward({ ids: tensor("calib_ids") });
      const states = [...hiddenStates.slice(0, -1), unnormed];
      return [0, 1, 2].map((i) => blockInfluence(states[i]!, states[i + 1]!));
    });
    const values = influences.map((each) => each.dataSync()[0]!);
    tf.dispose(influences);
    decoder.dispose();
    values.forEach((value, i) => expect(value).to.be.closeTo(scalars.block_influence[i]!, 1e-5));
  });

  it("measures feed-forward channels by what goes into their output layer", async () => {
    const expected = tensor("ffn_importance");
    const actual = tf.tensor2d((await importances()).map((each) => [...each]));
    await expectClose(actual, expected, 1e-5);
    tf.dispose([expected, actual]);
  });

  it("keeps the most important feed-forward channels", async () => {
    const kept = (await importances()).map((each) => keepLargest(each, width));
    const expected = tensor("width.kept_channels");
    expect(kept).to.deep.equal(expected.arraySync());
    expected.dispose();
    const pruned = keepFeedForwardChannels(model, kept);
    expect(pruned.config["intermediate_size"]).to.equal(width);
    await expectLogits(pruned, "width");
  });

  it("drops a layer", async () => {
    const pruned = keepLayers(
      model,
      [0, 1, 2].filter((layer) => layer !== dropped),
    );
    expect(pruned.config["num_hidden_layers"]).to.equal(2);
    await expectLogits(pruned, "depth");
  });

  it("drops a whole group of heads", async () => {
    const pruned = keepKeyValueGroups(model, [[0], [0], [0]]);
    const { num_key_value_heads, num_attention_heads, head_dim } = pruned.config;
    expect([num_key_value_heads, num_attention_heads, head_dim]).to.deep.equal([1, 2, 16]);
    await expectLogits(pruned, "drop_last_kv_group");
  });

  it("drops the biases of a group of heads with it", () => {
    const qwen = readWeights("qwen2-tiny");
    const layers = Number(qwen.config["num_hidden_layers"]);
    const groups = Number(qwen.config["num_key_value_heads"]);
    const kept = Array.from({ length: layers }, () => [groups - 1]);
    const ids = firstText();
    const logits = logitsOf(keepKeyValueGroups(qwen, kept), ids);
    expect(logits.shape.slice(0, 2)).to.deep.equal([1, 20]);
    tf.dispose([ids, logits]);
  });

  it("answers about the tokens that stay as before", () => {
    const ids = firstText();
    const known = [...new Set([0, 1, 2, ...ids.dataSync<"int32">()])].toSorted((a, b) => a - b);
    const place = new Map(known.map((id, i) => [id, i]));
    const pruned = keepVocabulary(model, known);
    const renamed = tf.tensor2d(
      [[...ids.dataSync()].map((id) => place.get(id)!)],
      [1, 20],
      "int32",
    );
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
    const ids = firstText();
    const logits = logitsOf(pruned, ids); // every tensor has the shape that the settings ask for
    expect(logits.shape).to.deep.equal([1, 20, 512]);
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
