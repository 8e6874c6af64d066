import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage } from "seedbed";

import { backgroundSamples } from "../../../experiments/dreambooth/backgroundSamples.ts";
import { validationSettings } from "./validation/validationSettings.ts";

describe("backgroundSamples()", () => {
  it("draws every named background with the same seeds", async () => {
    const { data } = await validationSettings();
    const backgrounds = { red: "#dc322f", blue: "#3c6edc" };
    const drawn = await backgroundSamples(
      { ...data.instance, backgrounds },
      { count: 2, seed: 5 },
      async ({ prompts, seeds }) => {
        expect(prompts).to.deep.equal([
          "a sks penguin on a red background",
          "a sks penguin on a red background",
          "a sks penguin on a blue background",
          "a sks penguin on a blue background",
        ]);
        return seeds.map((seed) => rgbImage(1, 1, Uint8Array.of(seed, 0, 0)));
      },
    );
    expect(drawn.map(({ image, colour }) => [image.data[0], ...colour])).to.deep.equal([
      [5, 220, 50, 47],
      [6, 220, 50, 47],
      [5, 60, 110, 220],
      [6, 60, 110, 220],
    ]);
  });

  it("draws nothing where no background is named", async () => {
    const { data } = await validationSettings("data.instance.backgrounds=null");
    const draw = async () => expect.fail("nothing is to be drawn");
    expect(await backgroundSamples(data.instance, { count: 2, seed: 0 }, draw)).to.deep.equal([]);
  });
});
