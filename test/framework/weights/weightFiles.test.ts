import { expect } from "chai";
import { describe, it } from "mocha";

import { findWeights, openWeights } from "../../../framework/weights/weightFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("findWeights()", () => {
  const folder = temporaryFolder();
  const found = (base: string, variant?: string): string | undefined =>
    findWeights(folder.path(), base, variant)?.slice(folder.path().length + 1);

  it("prefers full precision, then one file, then safetensors", () => {
    const names = [
      "model.fp16.safetensors",
      "pytorch_model.bin",
      "model.safetensors.index.json",
      "model.safetensors",
    ];
    for (const name of names) {
      folder.write({ [name]: "" });
      expect(found("model")).to.equal(name);
    }
  });

  it("takes the variant that is asked for, or none", () => {
    folder.write({ "unet.safetensors": "", "unet.safetensors.index.fp16.json": "" });
    expect(found("unet", "fp16")).to.equal("unet.safetensors.index.fp16.json");
    expect(found("unet", "bf16")).to.equal(undefined);
    expect(found("vae")).to.equal(undefined);
  });
});

describe("openWeights()", () => {
  it("knows a file's format by its name", () => {
    const tensors = openWeights("test/fixtures/torch/pytorch_model.bin");
    expect(tensors.get("b")?.shape).to.deep.equal([3, 2]);
    const text = openWeights(
      "test/fixtures/stable-diffusion/tiny-sd-a/text_encoder/model.safetensors",
    );
    expect(text.get("text_model.final_layer_norm.bias")?.dtype).to.equal("F16");
  });
});
