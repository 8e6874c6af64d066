import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Decoder } from "../../../framework/models/decoder.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import type { DecoderImportance } from "../../../framework/pruning/decoderImportance.ts";
import type { DecoderWeights } from "../../../framework/pruning/decoderWeights.ts";
import { checkDecoderSizes, pruneDecoder } from "../../../framework/pruning/pruneDecoder.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";

const { config, tensors } = readModelFolder(
  path.join(import.meta.dirname, "../../fixtures/nano/smollm2-tiny"),
);
const model: DecoderWeights = { config: { ...Object(config) }, tensors };
const sizeOf = (key: string): number => Number(model.config[key]);
const own = {
  layers: sizeOf("num_hidden_layers"),
  feedForward: sizeOf("intermediate_size"),
  keyValueHeads: sizeOf("num_key_value_heads"),
  features: sizeOf("hidden_size"),
};

/** The later a part, the more it matters; of layers the last matters least. */
const rising = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i);
const inEach = (length: number): Float32Array[] =>
  Array.from({ length: own.layers }, () => rising(length));
const importance: DecoderImportance = {
  layers: [...rising(own.layers)].toReversed(),
  feedForward: inEach(own.feedForward),
  keyValueGroups: inEach(own.keyValueHeads),
  features: rising(own.features),
};
const last = (count: number, of: number): number[] =>
  Array.from({ length: count }, (_, i) => of - count + i);

describe("pruneDecoder()", () => {
  it("keeps what matters most of each part", () => {
    const sizes = { layers: own.layers - 1, feedForward: 5, keyValueHeads: 1, features: 12 };
    const { pruned, kept } = pruneDecoder(model, importance, sizes);
    const layers = Array.from({ length: own.layers - 1 }, (_, i) => i);
    expect(kept).to.deep.equal({
      layers,
      feedForward: layers.map(() => last(5, own.feedForward)),
      keyValueGroups: layers.map(() => last(1, own.keyValueHeads)),
      features: last(12, own.features),
    });
    const decoder = new Decoder(pruned.config, { seed: null });
    loadParameters(decoder.parameters, pruned.tensors);
    const shape = tf.tidy(
      () => decoder.forward({ ids: tf.tensor2d([[7, 100]], [1, 2], "int32") }).logits.shape,
    );
    expect(shape).to.deep.equal([1, 2, sizeOf("vocab_size")]);
    const { hidden_size, intermediate_size, num_hidden_layers } = decoder.config;
    expect([hidden_size, intermediate_size, num_hidden_layers]).to.deep.equal([
      12,
      5,
      own.layers - 1,
    ]);
    decoder.dispose();
  });

  it("leaves alone what no size is given for", () => {
    const { pruned, kept } = pruneDecoder(model, importance, { feedForward: own.feedForward });
    expect(Object.keys(kept)).to.deep.equal(["feedForward"]);
    for (const [name, { shape, values }] of model.tensors) {
      expect(pruned.tensors.get(name)?.shape, name).to.deep.equal(shape);
      expect(pruned.tensors.get(name)?.values, name).to.deep.equal(values);
    }
  });
});

describe("checkDecoderSizes()", () => {
  for (const [key, most] of Object.entries(own)) {
    it(`refuses more ${key} than there are, and none`, () => {
      for (const size of [0, most + 1, 1.5]) {
        expect(() => checkDecoderSizes(model.config, { [key]: size })).to.throw(
          `Cannot prune ${key}: expected an integer from 1 to ${most}, as many as the model has, got ${size}`,
        );
      }
      checkDecoderSizes(model.config, { [key]: most });
    });
  }
});
