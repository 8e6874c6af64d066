import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, readTensor, toTensor } from "../../../framework/base/hostTensor.ts";
import { sharedParameters } from "../../../framework/base/sharedValues.ts";
import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import { imageReplacements } from "../../../framework/decode/imageReplacements.ts";
import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { readIdefics3Config } from "../../../framework/models/idefics3Config.ts";
import { loadIdefics3 } from "../../../framework/pipelines/loadIdefics3.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";
import { joined, nanoEngine, nanoGolden, worst } from "./nanoEngine.ts";

describe("DecodeEngine of a model that sees pictures", () => {
  const { config, tensors: weights } = readModelFolder("test/fixtures/nano/smolvlm-tiny");
  const settings = readIdefics3Config(config);
  const ids = [...nanoGolden("smolvlm-tiny", "A.input_ids").values];
  const embeddings = Float32Array.from(nanoGolden("smolvlm-tiny", "A.connector").values);
  const at = [...ids.keys()].filter((i) => ids[i] === settings.image_token_id);

  for (const chunk of [27, 4, 1]) {
    it(`gives the reference's logits with a picture's tokens, ${chunk} at a time`, async () => {
      const engine = new DecodeEngine({
        config: readDecoderConfig(settings.text_config),
        weights,
        prefix: "model.text_model",
        takesEmbeddings: true,
        threads: 2,
      });
      const got = await engine.feed(0, ids, { chunk, replacements: { at, embeddings } });
      const expected = nanoGolden("smolvlm-tiny", "A.logits").values;
      expect(worst(joined(got), expected)).to.be.below(1e-4);
      await engine.dispose();
    });
  }

  it("gives the logits of Idefics3.forward() from pixels, and goes on from there", async () => {
    const model = loadIdefics3("test/fixtures/nano/smolvlm-tiny");
    const { pixels } = model.frames(nanoGolden("smolvlm-tiny", "A.pixel_values"));
    const expected = tf.tidy(() => {
      const inputs = {
        ids: tf.tensor2d([ids], [1, ids.length], "int32"),
        pixels: toTensor(pixels),
      };
      return model.forward(inputs).logits.dataSync<"float32">();
    });
    const features = tf.tidy(() => model.imageFeatures({ pixels: toTensor(pixels) }).features);
    const engine = new DecodeEngine({
      config: model.text.config,
      weights: sharedParameters(model.parameters),
      prefix: "model.text_model",
      takesEmbeddings: true,
      threads: 2,
    });
    const replacements = imageReplacements(ids, await readTensor(features), model.config);
    const { vocab_size } = model.text.config;
    const before = ids.slice(0, -2);
    const first = await engine.feed(0, before, { replacements, chunk: 5 });
    const second = await engine.feed(0, ids.slice(-2));
    expect(worst(joined([...first, ...second]), expected)).to.be.below(1e-4);
    expect(expected.length).to.equal(ids.length * vocab_size);
    await engine.dispose();
    features.dispose();
    model.dispose();
  });

  it("refuses features of other pictures than the text has", () => {
    const features = hostTensor(new Float32Array(64), [1, 1, 64]);
    expect(() => imageReplacements(ids, features, settings)).to.throw(
      RangeError,
      `expected 1 image tokens of id ${settings.image_token_id} for them, got ${at.length}`,
    );
  });

  for (const [title, takesEmbeddings, numbers, message] of [
    ["an engine without them", false, 64, "make the engine with takesEmbeddings"],
    ["ones of another width", true, 63, "expected 1 embeddings of 64 for tokens below 2, got 63"],
  ] as const) {
    it(`refuses embeddings for ${title}`, async () => {
      const engine = nanoEngine("smollm2-tiny", { takesEmbeddings });
      const replacements = { at: [1], embeddings: new Float32Array(numbers) };
      const [result] = await Promise.allSettled([engine.feed(0, [1, 2], { replacements })]);
      expect(String(result.status === "rejected" && result.reason)).to.include(message);
      await engine.dispose();
    });
  }
});
