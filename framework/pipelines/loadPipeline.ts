import { statSync } from "node:fs";

import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import { readSchedulerConfig } from "../diffusion/schedulerConfig.ts";
import { AutoencoderKl, autoencoderKlParameterName } from "../models/autoencoderKl.ts";
import {
  ClipTextEncoder,
  clipTextParameterName,
  legacyEosTokenId,
} from "../models/clipTextEncoder.ts";
import { Unet } from "../models/unet.ts";
import { describeReport, loadParameters } from "../nn/loadParameters.ts";
import { loadTokenizer } from "../tokenizers/loadTokenizer.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import {
  readPipelineComponent,
  readPipelineFolder,
  readTextFiles,
  type JsonObject,
  type PipelineComponent,
  type PipelineParts,
  type ReadWeightsOptions,
} from "../weights/pipelineFolder.ts";
import { readSingleFile, type ReadSingleFileOptions } from "../weights/singleFile.ts";
import type { ConfiguredModel, PipelineComponents } from "./pipelineComponents.ts";

/** Models that only read their weights draw no initial ones. */
const noSeed = { seed: null };

export interface LoadModelOptions extends ReadWeightsOptions {
  /**
   * Refuse weights of which a name or a shape is missing or too much. Otherwise what fits is loaded
   * and the rest is reported. Default: true.
   */
  strict?: boolean;
  /** Takes a line for each model with what was not loaded. Default: the console's standard error. */
  report?: (line: string) => void;
}

export type LoadPipelineOptions = LoadModelOptions & ReadSingleFileOptions;

/**
 * Opens a pipeline without reading weights.
 *
 * @param source a folder in diffusers' layout, or a checkpoint of the original code, `.ckpt` or
 * `.safetensors`; `fetchModel` gives one for `hf:owner/name`
 * @throws {InputError} naming what is missing or corrupt
 */
export function openPipeline(source: string, options: LoadPipelineOptions = {}): PipelineParts {
  return isSingleFile(source)
    ? readSingleFile(source, options)
    : readPipelineFolder(source, options);
}

/** Whether a pipeline is one file. */
export function isSingleFile(source: string): boolean {
  return statSync(source, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Loads a pipeline.
 *
 * @param source as `openPipeline` takes it
 * @throws {InputError} naming what is missing, corrupt or does not fit
 */
export function loadPipeline(
  source: string,
  options: LoadPipelineOptions = {},
): PipelineComponents {
  const parts = openPipeline(source, options);
  const made: { model: { dispose(): void } }[] = [];
  const keep = <Made extends { model: { dispose(): void } }>(model: Made): Made => {
    made.push(model);
    return model;
  };
  try {
    const tokenizer = loadTokenizer(parts.tokenizerFolder);
    checkVocabulary(tokenizer, parts);
    return {
      unet: keep(unetOf(parts.unet, options)),
      vae: keep(autoencoderOf(parts.vae, options)),
      textEncoder: keep(textEncoderOf(parts.textEncoder, options)),
      tokenizer,
      tokenizerFiles: readTextFiles(parts.tokenizerFolder),
      scheduler: readSchedulerConfig(parts.schedulerConfig, `${source}/scheduler`),
    };
  } catch (cause) {
    for (const { model } of made) model.dispose();
    throw cause;
  }
}

/** A tokenizer of another model would give ids that mean something else, or nothing. */
function checkVocabulary(
  { vocabularySize, ids }: Tokenizer,
  { textEncoder, tokenizerFolder }: PipelineParts,
): void {
  const { vocab_size: rows, eos_token_id: end } = textEncoder.config;
  const ends = typeof end === "number" && end !== legacyEosTokenId && ids.end !== undefined;
  if (ends && end !== ids.end) {
    throw new InputError(
      `Cannot use tokenizer ${tokenizerFolder}: it ends texts with ${ids.end}, and the text encoder expects ${end}; use the tokenizer of this model`,
    );
  }
  if (typeof rows === "number" && vocabularySize > rows) {
    throw new InputError(
      `Cannot use tokenizer ${tokenizerFolder}: it has ${vocabularySize} tokens, and the text encoder embeds ${rows}; use the tokenizer of this model`,
    );
  }
}

/** Loads the UNet of a folder that need not hold the other parts. */
export function loadUnet(folder: string, options: LoadModelOptions = {}): ConfiguredModel<Unet> {
  return unetOf(readPipelineComponent(folder, "unet", options), options);
}

/** Loads the autoencoder of a folder that need not hold the other parts. */
export function loadAutoencoder(
  folder: string,
  options: LoadModelOptions = {},
): ConfiguredModel<AutoencoderKl> {
  return autoencoderOf(readPipelineComponent(folder, "vae", options), options);
}

/** Loads the text encoder of a folder that need not hold the other parts. */
export function loadTextEncoder(
  folder: string,
  options: LoadModelOptions = {},
): ConfiguredModel<ClipTextEncoder> {
  return textEncoderOf(readPipelineComponent(folder, "text_encoder", options), options);
}

function unetOf(component: PipelineComponent, options: LoadModelOptions): ConfiguredModel<Unet> {
  return load(
    component,
    (config) => new Unet(config, noSeed),
    (name) => name,
    options,
  );
}

function autoencoderOf(
  component: PipelineComponent,
  options: LoadModelOptions,
): ConfiguredModel<AutoencoderKl> {
  const create = (config: JsonObject): AutoencoderKl => new AutoencoderKl(config, noSeed);
  return load(component, create, autoencoderKlParameterName, options);
}

function textEncoderOf(
  component: PipelineComponent,
  options: LoadModelOptions,
): ConfiguredModel<ClipTextEncoder> {
  const create = (config: JsonObject): ClipTextEncoder => new ClipTextEncoder(config, noSeed);
  return load(component, create, clipTextParameterName, options);
}

function load<Model extends { parameters: Map<string, tf.Variable>; dispose(): void }>(
  { config, weightsFile, tensors }: PipelineComponent,
  create: (config: JsonObject) => Model,
  rename: (name: string) => string | undefined,
  { strict = true, report = (line) => console.error(line) }: LoadModelOptions,
): ConfiguredModel<Model> {
  let model: Model | undefined;
  try {
    model = create(config);
    const unloaded = describeReport(loadParameters(model.parameters, tensors, { rename, strict }));
    if (unloaded !== "") report(`Loaded ${weightsFile} but for ${unloaded}`);
    return { model, config };
  } catch (cause) {
    model?.dispose();
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot load ${weightsFile}: ${reason}`, { cause });
  }
}
