import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { sharedParameters } from "../../../framework/base/sharedValues.ts";
import type { CacheScales } from "../../../framework/decode/cacheScales.ts";
import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import { measureCacheScales } from "../../../framework/decode/measureCacheScales.ts";
import {
  dequantizeBlocks,
  roundToBlocks,
} from "../../../framework/decode/quantization/blockQuantization.ts";
import type { WeightFormats } from "../../../framework/decode/weightFormats.ts";
import { Decoder } from "../../../framework/models/decoder.ts";
import { joined, nanoEngine, nanoGolden, nanoModel, part, worst } from "./nanoEngine.ts";

const text = [...part(nanoGolden("smollm2-tiny", "input_ids"), 0)];
const logits = part(nanoGolden("smollm2-tiny", "logits"), 0);

/** Root of the mean square of what is wrong, over that of what is right. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  const square = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0);
  return Math.sqrt(square(actual.map((x, i) => x - expected[i]!)) / square(expected));
}

describe("DecodeEngine with quantized weights", () => {
  const small: WeightFormats = {
    layers: { bits: 4, blockSize: 32, isSymmetric: false },
    head: { bits: 8, blockSize: 32 },
    embedding: { bits: 8, blockSize: 32 },
  };
  for (const [name, format, least, most] of [
    ["int8", "int8", 0.005, 0.08],
    ["8 bits in blocks", "int8Blocks", 0.002, 0.05],
    ["4 bits in blocks", "int4", 0.05, 0.5],
    ["4 bits with zero points, and 8 bits of embeddings", small, 0.05, 0.5],
  ] as const) {
    it(`comes as near to the logits as ${name} can, in less memory`, async () => {
      const engine = nanoEngine("smollm2-tiny", { format });
      const got = joined(await engine.feed(0, text));
      expect(relativeError(got, logits)).to.be.within(least, most);
      const { modelBytes, sharedWeightBytes } = engine.memory();
      expect(modelBytes + sharedWeightBytes).to.be.below(0.5 * 648_960);
      await engine.dispose();
    });
  }

  it("is what float weights are that were rounded", async () => {
    const { config, weights } = nanoModel("smollm2-tiny");
    const blocks = { bits: 4, blockSize: 32, features: "float" } as const;
    const rounded = {
      get(name: string) {
        const { shape, values } = weights.get(name)!;
        if (!name.endsWith("_proj.weight")) return { shape, values };
        const matrix = roundToBlocks(Float32Array.from(values), shape[0]!, shape[1]!, blocks);
        return { shape, values: dequantizeBlocks(matrix) };
      },
    };
    const formats = { layers: blocks, head: "float32", embedding: "float32" } as const;
    const packed = new DecodeEngine({ config, weights, format: formats, threads: 2 });
    const float = new DecodeEngine({ config, weights: rounded, threads: 2 });
    const [a, b] = [await packed.feed(0, text), await float.feed(0, text)];
    expect(worst(joined(a), joined(b))).to.be.below(1e-4);
    await Promise.all([packed.dispose(), float.dispose()]);
  });

  it("takes codes that another method made", async () => {
    const name = "model.layers.1.mlp.up_proj.weight";
    const { weights } = nanoModel("smollm2-tiny");
    const { shape, values } = weights.get(name)!;
    const zeros = new Float32Array(values.length);
    const matrix = roundToBlocks(zeros, shape[0]!, shape[1]!, { bits: 4, blockSize: 32 });
    const format: WeightFormats = {
      layers: { bits: 4, blockSize: 32 },
      head: "float32",
      embedding: "float32",
    };
    const given = nanoEngine("smollm2-tiny", { format, quantized: new Map([[name, matrix]]) });
    const plain = nanoEngine("smollm2-tiny", { format });
    const [a, b] = [await given.feed(0, text), await plain.feed(0, text)];
    expect(worst(joined(a), joined(b))).to.be.above(0.1);
    await Promise.all([given.dispose(), plain.dispose()]);
  });
});

describe("DecodeEngine with a cache of 8 bits", () => {
  async function scales(texts = [text], margin = 1): Promise<CacheScales> {
    const engine = nanoEngine("smollm2-tiny");
    const measured = await measureCacheScales(engine, texts, margin);
    await engine.dispose();
    return measured;
  }

  it("is near the logits in a quarter of the memory, in chunks of any size", async () => {
    const engine = nanoEngine("smollm2-tiny", { cacheScales: await scales() });
    expect(engine.memory().cacheBytesPerToken).to.equal(3 * 2 * 2 * 16);
    for (const chunk of [24, 5, 1]) {
      await engine.reset(0);
      const got = joined(await engine.feed(0, text, { chunk }));
      expect(relativeError(got, logits)).to.be.within(1e-4, 0.03);
    }
    await engine.dispose();
  });

  it("decodes rows side by side", async () => {
    const engine = nanoEngine("smollm2-tiny", { cacheScales: await scales(), rows: 2 });
    for (const row of [0, 1]) await engine.prefill(row, text.slice(0, 20 + row));
    const [a, b] = await engine.step([
      { row: 0, token: text[20]! },
      { row: 1, token: text[21]! },
    ]);
    expect(relativeError(a!, logits.subarray(20 * 512, 21 * 512))).to.be.below(0.05);
    expect(relativeError(b!, logits.subarray(21 * 512, 22 * 512))).to.be.below(0.05);
    await engine.dispose();
  });

  it("keeps first tokens that stay", async () => {
    const streaming = { sinks: 4, window: 12 };
    const ids = [...nanoGolden("ops", "ids", "streaming_llm").values];
    // Keys that are turned may be larger in a channel than any was.
    const cacheScales = await scales([ids], 1.4);
    const engine = nanoEngine("smollm2-tiny", { cacheScales, streaming });
    const got = joined(await engine.feed(0, ids, { chunk: 1 }));
    const expected = Float32Array.from(nanoGolden("ops", "logits", "streaming_llm").values);
    expect(relativeError(got, expected)).to.be.below(0.05);
    await engine.dispose();
  });

  it("refuses scales of another number of layers", async () => {
    const measured = await scales();
    const make = (): unknown => nanoEngine("smollm2-tiny", { cacheScales: measured.slice(1) });
    expect(make).to.throw("expected cache scales of 3 layers, got 2");
  });
});

describe("DecodeEngine with heads of any width", () => {
  const settings = {
    model_type: "llama",
    vocab_size: 64,
    hidden_size: 48,
    intermediate_size: 40,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 64,
    initializer_range: 0.3,
  };

  it("decodes heads of 12 features as the model does that is trained", async () => {
    const decoder = new Decoder(settings, { seed: 5 });
    const { config, parameters } = decoder;
    const ids = Array.from({ length: 20 }, (_, i) => (i * 7) % 64);
    const expected = tf.tidy(() => {
      const { logits: all } = decoder.forward({ ids: tf.tensor2d([ids], undefined, "int32") });
      return Float32Array.from(all.dataSync());
    });
    const weights = sharedParameters(parameters);
    const engine = new DecodeEngine({ config, weights, threads: 2 });
    expect(engine.attention).to.equal("primitive");
    const got = joined(await engine.feed(0, ids, { chunk: 3 }));
    expect(worst(got, expected)).to.be.below(1e-4);
    const make = (): unknown => new DecodeEngine({ config, weights, attention: "grouped" });
    expect(make).to.throw("heads of 12 features are no multiple of 16");
    decoder.dispose();
    await engine.dispose();
  });
});
