import { expect } from "chai";
import { describe, it } from "mocha";

import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { readIdefics3Config } from "../../../framework/models/idefics3.ts";
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
