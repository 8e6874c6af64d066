import { mkdirSync, writeFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  Decoder,
  loadIdefics3,
  readModelFolder,
  saveModel,
  type Idefics3,
  type NamedVariables,
} from "seedbed";

import {
  openPictureModel,
  parametersOf,
  pictureParts,
} from "../../../../experiments/nano/vision/pictureModel.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { textConfig, tower } from "./tinyPictures.ts";

const bytes = (parameters: NamedVariables): string[] =>
  Array.from(parameters, ([name, variable]) =>
    [name, Buffer.from(variable.dataSync<"float32">().buffer).toString("base64")].join(),
  );

const logits = (model: Pick<Decoder, "forward">): number[] =>
  tf.tidy(() => {
    const ids = tf.tensor2d([[1, 20, 30, 40]], [1, 4], "int32");
    return [...model.forward({ ids }).logits.dataSync<"float32">()];
  });

describe("openPictureModel()", () => {
  const temporary = temporaryFolder();

  async function languageModel(config = textConfig): Promise<string> {
    const text = new Decoder(config, { seed: 2 });
    await saveModel(temporary.path("text"), text, config);
    text.dispose();
    return temporary.path("text");
  }

  for (const tied of [true, false]) {
    it(`gives a language model eyes, and leaves what it says: ${tied ? "tied" : "untied"} head`, async () => {
      const config = { ...textConfig, tie_word_embeddings: tied };
      const folder = await languageModel(config);
      const text = new Decoder(config, { seed: 2 });
      const { model } = await openPictureModel(folder, tower, 7);
      const seen: Pick<Decoder, "forward"> = model.text;
      expect(logits(seen)).to.deep.equal(logits(text));
      expect(model.tokensPerFrame).to.equal(4);
      const names = pictureParts.flatMap((part) => [...parametersOf(model, part).keys()]);
      expect(names).to.have.members([...model.parameters.keys()]);
      expect(parametersOf(model, "connector").size).to.equal(1);
      expect(parametersOf(model, "text").size).to.equal(text.parameters.size);
      text.dispose();
      model.dispose();
    });
  }

  it("is saved as published models are, and reads again to the bit", async () => {
    const { model, config } = await openPictureModel(await languageModel(), tower, 7);
    const folder = temporary.path("seeing");
    await saveModel(folder, model, config);
    const stored = readModelFolder(folder);
    expect(stored.config["model_type"]).to.equal("idefics3");
    expect([...stored.tensors.keys()]).to.include.members([
      "model.text_model.embed_tokens.weight",
      "model.vision_model.embeddings.patch_embedding.weight",
      "model.vision_model.encoder.layers.0.self_attn.q_proj.weight",
      "model.connector.modality_projection.proj.weight",
    ]);
    const again: Idefics3[] = [loadIdefics3(folder)];
    again.push((await openPictureModel(folder, { ...tower, layers: 9 }, 8)).model);
    for (const each of again) {
      expect(bytes(each.parameters)).to.deep.equal(bytes(model.parameters));
      each.dispose();
    }
    model.dispose();
  });

  it("leaves nothing behind when the language model cannot be read", async () => {
    mkdirSync(temporary.path("bad"));
    writeFileSync(temporary.path("bad/config.json"), "{}");
    const [result] = await Promise.allSettled([openPictureModel(temporary.path("bad"), tower, 1)]);
    expect(String(result.status === "rejected" && result.reason)).to.include("missing");
  });
});
