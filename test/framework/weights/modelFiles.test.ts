import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { modelFiles } from "../../../framework/weights/modelFiles.ts";
import { writeModelFolder } from "../../../framework/weights/modelFolder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("modelFiles()", () => {
  const folder = temporaryFolder();
  const namesOf = (...given: Parameters<typeof modelFiles>): string[] =>
    modelFiles(...given).map((file) => path.relative(folder.path(), file));

  const settings = {
    "scheduler/scheduler_config.json": "{}",
    "tokenizer/merges.txt": "",
    "tokenizer/vocab.json": "{}",
    "unet/config.json": "{}",
  };

  it("are a pipeline's settings, vocabulary and the weights that are read", () => {
    folder.write({
      ...settings,
      "README.md": "pictures of cats",
      "model_index.json": "{}",
      "samples/1.json": "{}",
      "unet/diffusion_pytorch_model.fp16.safetensors": "half",
      "unet/diffusion_pytorch_model.safetensors": "whole",
      "vae/config.json": "{}",
      "vae/diffusion_pytorch_model.fp16.safetensors": "half",
    });
    const vae = ["vae/config.json", "vae/diffusion_pytorch_model.fp16.safetensors"];
    expect(namesOf(folder.path())).to.deep.equal([
      "model_index.json",
      "scheduler/scheduler_config.json",
      "tokenizer/merges.txt",
      "tokenizer/vocab.json",
      "unet/config.json",
      "unet/diffusion_pytorch_model.safetensors",
      ...vae,
    ]);
    expect(namesOf(folder.path(), ["vae"])).to.deep.equal(vae);
  });

  it("are a single file, and the settings that are read beside it", () => {
    folder.write({ ...settings, "cats.ckpt": "weights", "dogs.ckpt": "others" });
    expect(namesOf(folder.path("cats.ckpt"))).to.deep.equal([
      "cats.ckpt",
      ...Object.keys(settings),
    ]);
  });

  it("are a language model's settings and all files of its weights", () => {
    const tensors = new Map([
      ["a", hostTensor(Float32Array.of(1, 2), [2])],
      ["b", hostTensor(Float32Array.of(3, 4), [2])],
    ]);
    writeModelFolder(folder.path(), { config: {}, tensors }, { maxShardBytes: 8 });
    folder.write({ "README.md": "says much", "quantized.safetensors": "codes" });
    expect(namesOf(folder.path())).to.deep.equal([
      "config.json",
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
  });
});
