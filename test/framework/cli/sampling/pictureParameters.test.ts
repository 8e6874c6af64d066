import { expect } from "chai";
import { describe, it } from "mocha";

import { pictureParameters } from "../../../../framework/cli/sampling/pictureParameters.ts";
import type { SampleSettings } from "../../../../framework/cli/sampling/sampleSettings.ts";
import { withNamedSampler } from "../../../../framework/diffusion/samplerNames.ts";

const settings: SampleSettings = {
  model: "models/sd, 1.5.safetensors",
  prompts: ["a (cat:1.2)"],
  negative: "blurry",
  steps: 20,
  guidance: 7,
  guidanceRescale: 0.7,
  eta: 0,
  seed: 1,
  count: 1,
  batch: 1,
  size: undefined,
  sampler: "euler-a",
  clipSkip: 2,
  initImage: "in/cat.png",
  strength: undefined,
  mask: undefined,
  loras: [{ file: "lora/ink.safetensors", scale: 0.7 }],
  embeddings: [],
  tile: undefined,
  settings: undefined,
  variant: undefined,
  backend: "ort",
  out: "samples",
};

describe("pictureParameters()", () => {
  it("has the layout that webui reads: prompt, negative prompt, one line of settings", () => {
    const plan = {
      scheduler: withNamedSampler({}, "dpm++-2m-karras"),
      width: 512,
      height: 768,
      strength: 0.8,
    };
    expect(
      pictureParameters({ prompt: "a (cat:1.2)", seed: 23 }, settings, plan, "0.1.0"),
    ).to.equal(
      `a (cat:1.2)
Negative prompt: blurry
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 23, Size: 512x768, Model: "sd, 1.5", Denoising strength: 0.8, Init image: cat.png, Clip skip: 2, CFG rescale: 0.7, LoRA: "ink: 0.7", Version: seedbed 0.1.0`,
    );
  });
});
