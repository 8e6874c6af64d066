import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import {
  readPipelineComponent,
  readPipelineFolder,
  readTextFiles,
  writePipelineComponent,
  writePipelineFolder,
  type PipelineContent,
} from "../../../framework/weights/pipelineFolder.ts";

const published = "test/fixtures/stable-diffusion/tiny-sd-a";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "seedbed-pipeline-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const weight = { shape: [2], values: Float32Array.of(0.5, -1) };
const content: PipelineContent = {
  unet: { config: { in_channels: 4 }, tensors: [["conv_in.weight", weight]] },
  vae: { config: { scaling_factor: 1 }, tensors: [["quant_conv.bias", weight]] },
  textEncoder: { config: { hidden_size: 8 }, tensors: [["text_model.x", weight]] },
  schedulerConfig: { beta_start: 0.1 },
  tokenizerFiles: new Map([["tokenizer.json", "{}"]]),
};

describe("readPipelineFolder()", () => {
  it("reads a published pipeline", () => {
    const pipeline = readPipelineFolder(published);
    expect(pipeline.index["_class_name"]).to.equal("StableDiffusionPipeline");
    expect(pipeline.unet.config["cross_attention_dim"]).to.equal(32);
    expect(pipeline.vae.tensors.get("quant_conv.bias")).to.deep.include({
      dtype: "F16",
      shape: [8],
    });
    expect(pipeline.textEncoder.weightsFile).to.match(/text_encoder.model\.safetensors$/);
    expect(pipeline.schedulerConfig["steps_offset"]).to.equal(1);
    expect([...readTextFiles(pipeline.tokenizerFolder).keys()]).to.include("vocab.json");
  });

  it("reports a folder that is not there", () => {
    expect(() => readPipelineFolder(path.join(folder, "none"))).to.throw(
      InputError,
      "none: no such folder",
    );
  });

  it("lists everything that is missing", () => {
    writePipelineFolder(folder, content);
    rmSync(path.join(folder, "model_index.json"));
    rmSync(path.join(folder, "unet", "config.json"));
    rmSync(path.join(folder, "text_encoder"), { recursive: true });
    expect(() => readPipelineFolder(folder)).to.throw(
      InputError,
      "missing model_index.json, unet/config.json, text_encoder/config.json, text_encoder/model.safetensors;",
    );
  });

  it("finds corrupt weights and settings before they are used", () => {
    writePipelineFolder(folder, content);
    const weights = path.join(folder, "unet", "diffusion_pytorch_model.safetensors");
    truncateSync(weights, 70);
    expect(() => readPipelineFolder(folder)).to.throw(InputError, weights);
    writePipelineFolder(folder, content);
    writeFileSync(path.join(folder, "vae", "config.json"), "{");
    expect(() => readPipelineFolder(folder)).to.throw(InputError, path.join("vae", "config.json"));
  });

  for (const written of [{}, { _class_name: "DDIMScheduler" }]) {
    it(`has the scheduler that the index names, as diffusers, beside ${JSON.stringify(written)}`, () => {
      writePipelineFolder(folder, {
        ...content,
        schedulerConfig: { _class_name: "PNDMScheduler" },
      });
      const file = path.join(folder, "scheduler/scheduler_config.json");
      writeFileSync(file, JSON.stringify({ beta_start: 0.1, ...written }));
      expect(readPipelineFolder(folder).schedulerConfig).to.deep.equal({
        _class_name: "PNDMScheduler",
        beta_start: 0.1,
      });
    });
  }

  it("takes the half-precision variant where there is no other", () => {
    cpSync(published, folder, { recursive: true });
    const weights = path.join(folder, "vae", "diffusion_pytorch_model");
    cpSync(`${weights}.safetensors`, `${weights}.fp16.safetensors`);
    rmSync(`${weights}.safetensors`);
    expect(readPipelineFolder(folder).vae.weightsFile).to.equal(`${weights}.fp16.safetensors`);
  });
});

describe("writePipelineFolder()", () => {
  it("is read back", () => {
    writePipelineFolder(folder, content, { dtype: "F16" });
    const pipeline = readPipelineFolder(folder);
    expect(pipeline.unet.config).to.deep.equal({ in_channels: 4 });
    expect(pipeline.textEncoder.tensors.get("text_model.x")).to.deep.equal({
      dtype: "F16",
      ...weight,
    });
    expect(readTextFiles(pipeline.tokenizerFolder)).to.deep.equal(content.tokenizerFiles);
    expect(readFileSync(pipeline.unet.weightsFile, "latin1")).to.include('{"format":"pt"}');
  });
});

describe("writePipelineFolder()'s index", () => {
  it("names the classes that the settings are of", () => {
    writePipelineFolder(folder, {
      ...content,
      schedulerConfig: { _class_name: "PNDMScheduler" },
      textEncoder: {
        ...content.textEncoder,
        config: { architectures: ["CLIPTextModelWithProjection"] },
      },
      tokenizerFiles: new Map([["merges.txt", ""]]),
    });
    const index = readFileSync(path.join(folder, "model_index.json"), "utf8");
    expect(JSON.parse(index)).to.deep.include({
      scheduler: ["diffusers", "PNDMScheduler"],
      text_encoder: ["transformers", "CLIPTextModelWithProjection"],
      tokenizer: ["transformers", "CLIPTokenizer"],
    });
  });
});

describe("readPipelineComponent()", () => {
  it("needs no other component", () => {
    writePipelineComponent(folder, "vae", content.vae);
    expect(readPipelineComponent(folder, "vae").config).to.deep.equal({ scaling_factor: 1 });
    expect(() => readPipelineComponent(folder, "unet")).to.throw(
      InputError,
      "missing unet/config.json, unet/diffusion_pytorch_model.safetensors",
    );
  });
});
