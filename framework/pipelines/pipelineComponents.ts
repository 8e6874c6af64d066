import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { schedulerConfigJson, type SchedulerConfig } from "../diffusion/schedulerConfig.ts";
import type { AutoencoderKl } from "../models/autoencoderKl.ts";
import type { ClipTextEncoder } from "../models/clipTextEncoder.ts";
import type { Unet } from "../models/unet.ts";
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

/** Reads parameters back, e.g. to write them. */
export async function readParameters(
  parameters: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  for (const [name, variable] of parameters) {
    const values = await variable.data<"float32">();
    tensors.set(name, { values, shape: variable.shape });
  }
  return tensors;
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
