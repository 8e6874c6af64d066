import { schedulerConfigJson, type SchedulerConfig } from "../diffusion/schedulerConfig.ts";
import type { AutoencoderKl } from "../models/autoencoderKl.ts";
import type { ClipTextEncoder } from "../models/clipTextEncoder.ts";
import type { Unet } from "../models/unet.ts";
import { readParameters } from "../nn/readParameters.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { writePipelineFolder, type JsonObject, type TextFiles } from "../weights/pipelineFolder.ts";

/** A model beside the `config.json` it was made from. */
export interface ConfiguredModel<Model> {
  readonly model: Model;
  readonly config: JsonObject;
}

/** The parts of a text-to-image pipeline, in memory. */
export interface PipelineComponents {
  readonly unet: ConfiguredModel<Unet>;
  readonly vae: ConfiguredModel<AutoencoderKl>;
  readonly textEncoder: ConfiguredModel<ClipTextEncoder>;
  readonly tokenizer: Tokenizer;
  /** Files of the tokenizer's folder, to be written again beside changed weights. */
  readonly tokenizerFiles: TextFiles;
  readonly scheduler: SchedulerConfig;
}

/** Writes a pipeline in the folder layout of diffusers, weights in half precision unless told. */
export async function savePipeline(
  folder: string,
  { unet, vae, textEncoder, tokenizerFiles, scheduler }: PipelineComponents,
  dtype: "F16" | "F32" = "F16",
): Promise<void> {
  const content = async ({
    model,
    config,
  }: ConfiguredModel<Unet | AutoencoderKl | ClipTextEncoder>) => ({
    config,
    tensors: await readParameters(model.parameters),
  });
  writePipelineFolder(
    folder,
    {
      unet: await content(unet),
      vae: await content(vae),
      textEncoder: await content(textEncoder),
      schedulerConfig: schedulerConfigJson(scheduler),
      tokenizerFiles,
    },
    { dtype },
  );
}

/** Frees the models' parameters. */
export function disposePipeline({ unet, vae, textEncoder }: PipelineComponents): void {
  unet.model.dispose();
  vae.model.dispose();
  textEncoder.model.dispose();
}
