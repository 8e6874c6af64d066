import { expect } from "chai";
import { describe, it } from "mocha";
import { Decoder, InputError, readSections, saveModel } from "seedbed";

import { checkSettings } from "../../../experiments/nanoPictures/checkSettings.ts";
import {
  sections as settingSections,
  type PictureTrainingSettings,
} from "../../../experiments/nanoPictures/settings.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { textConfig } from "../nano/vision/tinyPictures.ts";

describe("checkSettings()", () => {
  const temporary = temporaryFolder();

  /** Checks settings with a language model of 300 tokens. */
  async function check(sections: {
    model?: object;
    lora?: object;
    data?: object;
  }): Promise<string> {
    const model = new Decoder(textConfig, { seed: 1 });
    await saveModel(temporary.path("text"), model, textConfig);
    model.dispose();
    const spec = {
      ...{ experiment: "nanoPictures", seed: 0, data: { vocabularySize: 300 } },
      ...sections,
      model: { folder: temporary.path("text"), ...sections.model },
    };
    return checkSettings(readSections<PictureTrainingSettings>(spec, settingSections));
  }

  it("gives the folder of a language model", async () => {
    expect(await check({})).to.equal(temporary.path("text"));
    const adapts = { model: { trains: { text: "lora" } }, lora: {} };
    expect(await check(adapts)).to.equal(temporary.path("text"));
  });

  const parts = { vision: "nothing", connector: "nothing", text: "nothing" };
  for (const [title, sections, message] of [
    ["no model", { model: { folder: null } }, "expected model.folder, a language model"],
    ["another vocabulary", { data: { vocabularySize: 400 } }, "vocabulary of 400 entries"],
    ["patches that do not fill a picture", { model: { tower: { patchSize: 12 } } }, "got 12 and 2"],
    ["heads that do not fit", { model: { tower: { heads: 3 } } }, "divide, got 128 and 3"],
    ["nothing that learns", { model: { trains: parts } }, "has every part learn nothing"],
    ["lora that no part has", { lora: { rank: 2 } }, "expected lora where a part"],
    [
      "a part without its lora",
      { model: { trains: { text: "lora" } } },
      "connector all, text lora",
    ],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const [result] = await Promise.allSettled([check(sections)]);
      const reason: unknown = result.status === "rejected" && result.reason;
      expect(reason).to.be.instanceOf(InputError);
      expect(String(reason)).to.include(message);
    });
  }
});
