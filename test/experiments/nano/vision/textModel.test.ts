import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import {
  DecodeEngine,
  loadIdefics3,
  quantizeDecoder,
  quantizedEngineOptions,
  readDecoderConfig,
  readQuantizedFolder,
  readQuantizedPictures,
  weightFormats,
  writeQuantizedFolder,
} from "seedbed";

import { openChainModel } from "../../../../experiments/nano/chain/chainModels.ts";
import { pictureEngine } from "../../../../experiments/nano/vision/pictureAnswers.ts";
import { readTextModel } from "../../../../experiments/nano/vision/textModel.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const fixture = (name: string): string =>
  path.join(import.meta.dirname, "../../../fixtures/nano", name);
const seeing = fixture("smolvlm-tiny");
const ids = [7, 10, 3, 25, 9, 1, 2];

async function logitsOf(engine: DecodeEngine): Promise<Float32Array[]> {
  try {
    return [...(await engine.feed(0, ids))];
  } finally {
    await engine.dispose();
  }
}

describe("readTextModel()", () => {
  const folder = temporaryFolder();

  it("gives a model that sees pictures as a language model and what looks at them", async () => {
    const { config, tensors, pictures } = readTextModel(seeing);
    const whole = loadIdefics3(seeing);
    const expected = await logitsOf(pictureEngine(whole, 1));
    const alone = new DecodeEngine({ config: readDecoderConfig(config), weights: tensors });
    expect(await logitsOf(alone)).to.deep.equal(expected);
    const names = [...whole.pictures.parameters.keys()].filter((name) =>
      /vision_model|connector/.test(name),
    );
    expect([...pictures!.tensors.keys()]).to.have.members(names);
    whole.dispose();
  });

  it("leaves others as they are", () => {
    expect(readTextModel(fixture("smollm2-tiny"))).not.to.have.property("pictures");
  });

  it("goes into codes and comes back with its pictures' part in half precision", async () => {
    const { pictures, ...text } = readTextModel(seeing);
    const coded = quantizeDecoder(text, weightFormats.int8);
    writeQuantizedFolder(folder.path("int8"), coded, pictures);
    const read = readQuantizedFolder(folder.path("int8"));
    expect(await logitsOf(new DecodeEngine(quantizedEngineOptions(read)))).to.deep.equal(
      await logitsOf(new DecodeEngine(quantizedEngineOptions(coded))),
    );
    const halves = readQuantizedPictures(folder.path("int8"))!;
    for (const [name, { values }] of pictures!.tensors) {
      const rounded = halves.tensors.get(name)!.values;
      values.forEach((value, i) =>
        expect(rounded[i], name).to.be.closeTo(value, 1e-3 * Math.abs(value) + 1e-6),
      );
    }
    const [before, after] = [seeing, folder.path("int8")].map((place) =>
      openChainModel("seeing", place, folder.path()),
    );
    expect(after!.parameters).to.equal(before!.parameters);
    expect(after!.bytes).to.be.below(0.6 * before!.bytes);
    expect(after!.pictures).to.not.equal(undefined);
  });
});
