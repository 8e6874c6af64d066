import { expect } from "chai";
import { describe, it } from "mocha";

import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { readJsonObject } from "../../../framework/weights/jsonFile.ts";
import { joined, nanoGolden, nanoJson, nanoModel, worst } from "./nanoEngine.ts";

describe("DecodeEngine with changed rotary frequencies", () => {
  const { weights } = nanoModel("smollm2-tiny");
  const ids = [...nanoGolden("rope", "input_ids").values];
  const variants: Record<string, object> = Object(nanoJson("rope/golden.json"));
  const plain = readJsonObject("test/fixtures/nano/smollm2-tiny/config.json");
  for (const name of ["linear", "dynamic", "yarn", "yarn_beta", "llama3"]) {
    it(`gives the reference's logits with ${name}`, async () => {
      const config = readDecoderConfig({ ...plain, ...variants[name] });
      // "dynamic" depends on how long texts are, which is the row's capacity here.
      const engine = new DecodeEngine({ config, weights, capacity: ids.length, threads: 2 });
      const got = joined(await engine.feed(0, ids, { chunk: 20 }));
      expect(worst(got, nanoGolden("rope", `${name}.logits`).values)).to.be.below(1e-4);
      await engine.dispose();
    });
  }
});
