import { expect } from "chai";
import { describe, it } from "mocha";

import { checkPairs } from "../../../../experiments/dreambooth/incompatible.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";

const lora = "model.lora={}";
const inversion = "model.inversion={token: <x>, initializer: penguin}";
const named = "data.instance.prompt=a <x>";
const noText = "model.trains.textEncoder=false";
const noUnet = "model.trains.unet=false";
const until = "model.trains.textEncoderUntil=5";
const vae = "model.trains.vae=true";

/** What is wrong with the committed spec and these changes. */
async function problem(...overrides: string[]): Promise<string> {
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
  try {
    checkPairs(spec, () => {});
    return "";
  } catch (error) {
    return String(error);
  }
}

describe("pairs of options that say who learns", () => {
  const refused: [overrides: string[], first: string, second: string][] = [
    [[noText, noUnet], "model.trains.unet", "model.trains.textEncoder"],
    [[noText, until], "model.trains.textEncoderUntil", "model.trains.textEncoder"],
    [[noUnet, until], "model.trains.textEncoderUntil", "model.trains.unet"],
    [[lora, "model.trains.unet=[attn2]"], "model.lora", "model.trains.unet"],
    [[lora, "model.trains.textEncoder=[mlp]"], "model.lora", "model.trains.textEncoder"],
    [[lora, inversion, named, noText, noUnet], "model.lora", "model.trains"],
    [[inversion], "model.inversion.token", "data.instance.prompt"],
    [
      [inversion, named, "data.cache.textEmbeddings=memory", noText],
      "model.inversion",
      "data.cache.textEmbeddings",
    ],
    [[vae], "model.trains.vae", "data.cache.latents"],
    [
      [vae, "data.cache={latents: none, posterior: sample}"],
      "model.trains.vae",
      "data.cache.posterior",
    ],
    [[vae, "data.cache.latents=none", lora], "model.trains.vae", "model.lora"],
    [["model.learningRates.unet=1", noUnet], "model.learningRates.unet", "model.trains.unet"],
    [
      ["model.learningRates.textEncoder=1", noText],
      "model.learningRates.textEncoder",
      "model.trains.textEncoder",
    ],
    [["model.learningRates.vae=1"], "model.learningRates.vae", "model.trains.vae"],
    [["model.learningRates.tokens=1"], "model.learningRates.tokens", "model.inversion"],
    [
      ["model.learningRates.unet=1", "optimizer.groups=[{parameters: bias, weightDecay: 0}]"],
      "model.learningRates",
      "optimizer.groups",
    ],
  ];
  for (const [overrides, first, second] of refused) {
    it(`are refused: ${first} and ${second}`, async () => {
      expect(await problem(...overrides)).to.include(
        `Cannot use ${first} together with ${second}: `,
      );
    });
  }

  const allowed: string[][] = [
    [lora],
    [lora, noText],
    [lora, inversion, named],
    [inversion, named, noText, noUnet],
    [until, "model.trains.unet=[attn2]"],
    [until, noUnet, inversion, named],
    [vae, "data.cache.latents=none", noText, noUnet],
    ["model.learningRates={unet: 1, textEncoder: 1}"],
  ];
  for (const overrides of allowed) {
    it(`may be ${overrides.join(" ")}`, async () => {
      expect(await problem(...overrides)).to.equal("");
    });
  }
});
