import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { schedulerConfigJson } from "../diffusion/schedulerConfig.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";
import { writeJsonObject } from "../weights/jsonFile.ts";
import { tokenizerClass } from "../weights/pipelineFolder.ts";

const model = ["diffusers", "OnnxRuntimeModel"];

/**
 * What stands beside the models of an ONNX pipeline: settings of each, which Optimum reads, sampler,
 * tokenizer and, last, the list of parts.
 */
export function writeOnnxSettings(
  folder: string,
  { unet, vae, textEncoder, tokenizerFiles, scheduler }: PipelineComponents,
): void {
  const configs = {
    text_encoder: textEncoder.config,
    unet: unet.config,
    vae_encoder: vae.config,
    vae_decoder: vae.config,
  };
  for (const [name, config] of Object.entries(configs)) {
    writeJsonObject(path.join(folder, name, "config.json"), config);
  }
  const settings = schedulerConfigJson(scheduler);
  writeJsonObject(path.join(folder, "scheduler", "scheduler_config.json"), settings);
  for (const [name, text] of tokenizerFiles) {
    writeFileAtomic(path.join(folder, "tokenizer", name), text);
  }
  writeJsonObject(path.join(folder, "model_index.json"), {
    _class_name: "OnnxStableDiffusionPipeline",
    feature_extractor: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ["diffusers", scheduler._class_name],
    text_encoder: model,
    tokenizer: ["transformers", tokenizerClass({ tokenizerFiles })],
    unet: model,
    vae_decoder: model,
    vae_encoder: model,
  });
}
