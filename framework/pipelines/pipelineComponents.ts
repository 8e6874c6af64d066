import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import {
  readSchedulerConfig,
  schedulerConfigJson,
  type SchedulerConfig,
} from "../diffusion/schedulerConfig.ts";
import { AutoencoderKl, autoencoderKlParameterName } from "../models/autoencoderKl.ts";
import { ClipTextEncoder, clipTextParameterName } from "../models/clipTextEncoder.ts";
import { Unet } from "../models/unet.ts";
import { loadParameters } from "../nn/loadParameters.ts";
import { loadTokenizer } from "../tokenizers/loadTokenizer.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import {
  readPipelineComponent,
  readPipelineFolder,
  writePipelineFolder,
  type JsonObject,
  type PipelineComponent,
  type TextFiles,
} from "../weights/pipelineFolder.ts";
import { readTextFiles } from "../weights/pipelineFolder.ts";

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

/** Models that only read their weights draw no initial ones. */
const noSeed = { seed: null };

/**
 * Loads a pipeline in the folder layout of diffusers.
 *
 * @throws {InputError} naming what is missing, corrupt or does not fit
 */
export function loadPipeline(folder: string): PipelineComponents {
  const files = readPipelineFolder(folder);
  return {
    unet: unetOf(files.unet),
    vae: autoencoderOf(files.vae),
    textEncoder: textEncoderOf(files.textEncoder),
    tokenizer: loadTokenizer(files.tokenizerFolder),
    tokenizerFiles: readTextFiles(files.tokenizerFolder),
    scheduler: readSchedulerConfig(files.schedulerConfig, `${folder}/scheduler`),
  };
}

/** Loads the UNet of a folder that need not hold the other parts. */
export function loadUnet(folder: string): ConfiguredModel<Unet> {
  return unetOf(readPipelineComponent(folder, "unet"));
}

/** Loads the autoencoder of a folder that need not hold the other parts. */
export function loadAutoencoder(folder: string): ConfiguredModel<AutoencoderKl> {
  return autoencoderOf(readPipelineComponent(folder, "vae"));
}

/** Loads the text encoder of a folder that need not hold the other parts. */
export function loadTextEncoder(folder: string): ConfiguredModel<ClipTextEncoder> {
  return textEncoderOf(readPipelineComponent(folder, "text_encoder"));
}

function unetOf(component: PipelineComponent): ConfiguredModel<Unet> {
  return load(component, (config) => new Unet(config, noSeed));
}

function autoencoderOf(component: PipelineComponent): ConfiguredModel<AutoencoderKl> {
  return load(component, (config) => new AutoencoderKl(config, noSeed), autoencoderKlParameterName);
}

function textEncoderOf(component: PipelineComponent): ConfiguredModel<ClipTextEncoder> {
  return load(component, (config) => new ClipTextEncoder(config, noSeed), clipTextParameterName);
}

function load<Model extends { parameters: Map<string, tf.Variable>; dispose(): void }>(
  component: PipelineComponent,
  create: (config: JsonObject) => Model,
  rename?: (name: string) => string | undefined,
): ConfiguredModel<Model> {
  const { config, weightsFile } = component;
  let model: Model | undefined;
  try {
    model = create(config);
    loadParameters(model.parameters, component.tensors, rename ? { rename } : {});
    return { model, config };
  } catch (cause) {
    model?.dispose();
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot load ${weightsFile}: ${reason}`, { cause });
  }
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
