import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage } from "seedbed";

import { promptGrid } from "../../../../experiments/dreambooth/validation/promptGrid.ts";
import type { ValidationSampler } from "../../../../experiments/dreambooth/validation/validationSampler.ts";
import { validationSettings } from "./validationSettings.ts";

describe("promptGrid()", () => {
  const asked: string[] = [];
  const sampler: ValidationSampler = {
    guidanceScales: [1, 5],
    async draw({ prompts, seeds }, guidance) {
      asked.push(`${prompts.join()} ${seeds.join()} at ${guidance}`);
      return seeds.map((seed) =>
        rgbImage(1, 1, Uint8Array.of(seed, guidance ?? 0, prompts.length)),
      );
    },
    dispose() {},
  };

  it("draws every prompt with the same seeds, a row for each guidance", async () => {
    const settings = await validationSettings("validation.samples=2", "validation.seed=7");
    const grid = promptGrid(sampler, { ...settings.validation, prompts: ["a dog", "a cat"] });
    const { caption } = await grid.draw();
    expect(asked).to.deep.equal([
      "a dog,a dog,a cat,a cat 7,8,7,8 at 1",
      "a dog,a dog,a cat,a cat 7,8,7,8 at 5",
    ]);
    expect(caption).to.equal(
      "a dog (guidance 1); a dog (guidance 5); a cat (guidance 1); a cat (guidance 5)",
    );
    expect(grid.latest.map(({ prompt, image }) => [prompt, ...image.data])).to.deep.equal([
      ["a dog", 7, 1, 4],
      ["a dog", 8, 1, 4],
      ["a cat", 7, 1, 4],
      ["a cat", 8, 1, 4],
    ]);
  });
});
