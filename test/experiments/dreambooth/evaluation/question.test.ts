import { expect } from "chai";
import { describe, it } from "mocha";

import { questionOf, wantedOnce } from "../../../../experiments/dreambooth/evaluation/question.ts";
import { sections, type DreamboothSettings } from "../../../../experiments/dreambooth/settings.ts";
import { rgbaImage } from "../../../../framework/data/image.ts";
import { readSections } from "../../../../framework/experiment/readSections.ts";

const settings = readSections<DreamboothSettings>(
  {
    experiment: "dreambooth",
    model: { folder: "m" },
    data: { instance: { folder: "f", prompt: "a sks cat" }, class: { prompt: "a cat" } },
    sampling: { samples: 16, seed: 5, prompts: ["a sks cat on a beach"] },
  },
  sections,
);
const [cutOut, photograph] = [0, 255].map((alpha) =>
  rgbaImage(1, 1, Uint8Array.of(9, 9, 9, alpha)),
);

describe("questionOf()", () => {
  it("asks for what the run's own samples showed, and a cut-out subject on ten colours", () => {
    const question = questionOf(settings, [cutOut!], {});
    expect(question.subject).to.deep.equal({ prompt: "a sks cat", count: 16, seed: 5 });
    expect(question.class).to.deep.equal({ prompt: "a cat", count: 16, seed: 5 });
    expect(question.others).to.deep.equal([{ prompt: "a sks cat on a beach", count: 8, seed: 5 }]);
    expect(question.coloured).to.have.length(10);
    expect(question.coloured[0]).to.deep.equal({
      prompt: "a sks cat on a red background",
      ...{ count: 8, seed: 5, name: "red", colour: [220, 50, 47] },
    });
  });

  it("asks for what the options say instead", () => {
    const options = { samples: 4, seed: 7, prompts: ["a cat", "x"] };
    const question = questionOf(settings, [photograph!], options);
    expect(question.coloured, "a photograph's background is its own").to.deep.equal([]);
    expect(wantedOnce(question), "each prompt once").to.deep.equal([
      { prompt: "a cat", count: 4, seed: 7 },
      { prompt: "a sks cat", count: 4, seed: 7 },
      { prompt: "x", count: 4, seed: 7 },
    ]);
  });
});
