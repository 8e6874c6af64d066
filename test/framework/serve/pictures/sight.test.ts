import { readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { toTensor } from "../../../../framework/base/hostTensor.ts";
import { idefics3Preprocessing } from "../../../../framework/data/idefics3Preprocessing.ts";
import { decodeImage } from "../../../../framework/data/image.ts";
import { loadIdefics3 } from "../../../../framework/pipelines/loadIdefics3.ts";
import { openSight } from "../../../../framework/serve/pictures/openSight.ts";
import { PictureReader } from "../../../../framework/serve/pictures/pictureReader.ts";
import { loadChatTemplate } from "../../../../framework/tokenizers/chatTemplate.ts";
import { loadTokenizer } from "../../../../framework/tokenizers/loadTokenizer.ts";
import { seeingPreprocessor, writeSeeingModel } from "../../../support/servedModel.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { worst } from "../../decode/nanoEngine.ts";

/** Sums in another order, of features of about 1. */
const tolerance = 1e-4;
const imageToken = 3;

describe("Sight", () => {
  const temporary = temporaryFolder();

  it("gives a text what the plain model sees, in the place of its image tokens", async () => {
    const folder = temporary.path("seeing");
    await writeSeeingModel(folder);
    const tokenizer = loadTokenizer(folder);
    const sight = openSight(folder, { tokenizer, template: loadChatTemplate(folder)! })!;
    const model = loadIdefics3(folder);
    const expected: number[] = [];
    const given = ["img5_60x45.jpeg", "img6_40x60.webp"].map((name) => {
      const bytes = readFileSync(`test/fixtures/nano/imageproc/${name}`);
      const url = `data:;base64,${bytes.toString("base64")}`;
      return { bytes, part: { type: "image_url", image_url: { url } } as const, param: name };
    });
    for (const { bytes } of given) {
      const { pixels } = idefics3Preprocessing(seeingPreprocessor)(await decodeImage(bytes));
      const features = tf.tidy(() => model.imageFeatures({ pixels: toTensor(pixels) }).features);
      expected.push(...(await features.data()));
      features.dispose();
    }
    const read = await new PictureReader().read(given, new AbortController().signal);
    const shown = given.map(({ part, param }, i) => sight.shown(read[i]!, part, param));
    const [first, second] = shown.map(({ tokens }) => Array<number>(tokens).fill(imageToken));
    const tokens = [20, ...first!, 21, 22, ...second!, 23];
    const { replacements, prefixKeys } = await sight.prompt(tokens, shown);
    expect(worst(replacements!.embeddings, expected)).to.be.below(tolerance);
    expect(replacements!.at).to.deep.equal(
      [...tokens.keys()].filter((i) => tokens[i] === imageToken),
    );
    const keys = [first!.map(() => -1), second!.map(() => -2)];
    const other = [first!.map(() => -2), second!.map(() => -1)]; // whichever was seen first
    expect([keys, other].map(([one, two]) => [20, ...one!, 21, 22, ...two!, 23])).to.deep.include([
      ...prefixKeys!,
    ]);
    model.dispose();
    await sight.close();
  });

  it("is none of a model without eyes, and needs to know how pictures are prepared", async () => {
    const folder = temporary.path("seeing");
    await writeSeeingModel(folder);
    const options = { tokenizer: loadTokenizer(folder), template: loadChatTemplate(folder)! };
    const blind = temporary.path("blind");
    temporary.write({ "blind/config.json": '{"model_type":"llama"}' });
    expect(openSight(blind, options)).to.equal(undefined);
    temporary.write({
      "seeing/preprocessor_config.json": '{"max_image_size":{"longest_edge":20}}',
    });
    expect(() => openSight(folder, options)).to.throw("Cannot look at frames of 20 pixels");
    temporary.write({ "bare/config.json": readFileSync(`${folder}/config.json`, "utf8") });
    expect(() => openSight(temporary.path("bare"), options)).to.throw("preprocessor_config.json");
  });
});
