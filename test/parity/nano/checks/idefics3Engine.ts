import { expect } from "chai";

import { hostTensor, type HostTensor } from "../../../../framework/base/hostTensor.ts";
import { imageReplacements } from "../../../../framework/decode/imageReplacements.ts";
import { PictureEngine } from "../../../../framework/decode/pictures/pictureEngine.ts";
import { readDecoderConfig } from "../../../../framework/models/decoderConfig.ts";
import { readIdefics3Config } from "../../../../framework/models/idefics3Config.ts";
import { imageFrames } from "../../../../framework/models/imageFrames.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import { expectClose, rowOf } from "../../fixtureSet.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isIdefics3Folder } from "../idefics3Folder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import { compareAllLogits, logitsTolerance, textOf, withEngine } from "../nanoEngine.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Language models that see pictures, as they are decoded on ONNX Runtime. */
export const idefics3Engine: NanoCheck = {
  title: "decode engine of Idefics3",
  tests: (folder) => (isIdefics3Folder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  return [
    { title: "has the published features of a picture", run: () => features(folder) },
    ...[27, 4, 1].map((chunk) => ({
      title: `has the published logits of a text with a picture, ${chunk} tokens at a time`,
      run: () => text(folder, { name: "A", chunk }),
    })),
    ...[0, 1].map((row) => ({
      title: `has those of text ${row + 1} of several, without its padding`,
      run: () => text(folder, { name: "B", row }),
    })),
  ];
}

/** Of the frames of one text, `[frames, tokens, features]`. */
async function featuresOf(folder: NanoFolder, name: string, row = 0): Promise<HostTensor> {
  const { config, tensors: weights } = readModelFolder(folder.folder);
  const { vision_config } = readIdefics3Config(config);
  const { shape, values } = rowOf(folder.golden().host(`${name}.pixel_values`), row);
  const pixels = hostTensor(values, [1, ...shape]);
  const side = shape.at(-1)!;
  const frames = imageFrames(
    pixels,
    vision_config,
    vision_config.image_size / vision_config.patch_size,
  );
  const engine = new PictureEngine({ config, weights, side, threads: 2 });
  try {
    return await engine.features(frames.pixels);
  } finally {
    await engine.dispose();
  }
}

async function features(folder: NanoFolder): Promise<void> {
  const expected = folder.golden().host("A.connector");
  expectClose("A.connector", await featuresOf(folder, "A"), expected, logitsTolerance);
}

interface TextOptions {
  readonly name: string;
  readonly row?: number;
  /** Tokens at a time. Default: as many as the engine takes. */
  readonly chunk?: number;
}

async function text(folder: NanoFolder, { name, row = 0, chunk }: TextOptions): Promise<void> {
  const golden = folder.golden();
  const mask = `${name}.attention_mask`;
  const from = golden.has(mask) ? textOf(golden, mask, row).indexOf(1) : 0;
  const ids = textOf(golden, `${name}.input_ids`, row).slice(from);
  expect(ids, "tokens").to.have.length.above(0);
  const config = readIdefics3Config(readModelFolder(folder.folder).config);
  const replacements = imageReplacements(ids, await featuresOf(folder, name, row), config);
  const options = {
    config: readDecoderConfig(config.text_config),
    prefix: "model.text_model",
    takesEmbeddings: true,
  };
  await withEngine(folder.folder, options, async (engine) => {
    const logits = await engine.feed(0, ids, { replacements, ...(chunk && { chunk }) });
    compareAllLogits(golden, `${name}.logits`, logits, { text: row, from });
  });
}
