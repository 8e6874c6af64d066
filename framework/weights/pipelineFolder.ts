import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { readJsonObject, writeJsonObject, type JsonObject } from "./jsonFile.ts";
import { writeSafetensors, type WriteSafetensorsOptions } from "./safetensors.ts";
import type { StoredTensor } from "./storedTensor.ts";
import { expectedWeights, findWeights, openWeights } from "./weightFiles.ts";

export type { JsonObject } from "./jsonFile.ts";

/** One model of a pipeline: its settings and where its weights are. */
export interface PipelineComponent {
  readonly config: JsonObject;
  /** Where the weights are, or the index of several files. */
  readonly weightsFile: string;
  /** The weights, whose values are read when, and each time, they are asked for. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Small files of a folder: name to content. */
export type TextFiles = ReadonlyMap<string, string>;

/** The parts of a text-to-image pipeline, wherever they were found. */
export interface PipelineParts {
  readonly unet: PipelineComponent;
  readonly vae: PipelineComponent;
  readonly textEncoder: PipelineComponent;
  /** `scheduler/scheduler_config.json`, of the class that `model_index.json` names */
  readonly schedulerConfig: JsonObject;
  /** The folder that `loadTokenizer` takes. */
  readonly tokenizerFolder: string;
}

/** A pipeline in the folder layout that diffusers reads and writes. */
export interface PipelineFolder extends PipelineParts {
  readonly folder: string;
  /** `model_index.json` */
  readonly index: JsonObject;
}

/** What one component needs to be written. */
export interface ComponentContent {
  config: object;
  tensors: Iterable<readonly [name: string, tensor: HostTensor]>;
}

export interface PipelineContent {
  unet: ComponentContent;
  vae: ComponentContent;
  textEncoder: ComponentContent;
  schedulerConfig: object;
  tokenizerFiles: TextFiles;
}

/** Folder names of the components that hold weights. */
export type ComponentName = "unet" | "vae" | "text_encoder";

/** What the weights of each component are called, without an ending. */
export const weightsNames: Readonly<Record<ComponentName, string>> = {
  unet: "diffusion_pytorch_model",
  vae: "diffusion_pytorch_model",
  text_encoder: "model",
};
const indexFile = "model_index.json";
const schedulerFile = "scheduler/scheduler_config.json";

export interface ReadWeightsOptions {
  /**
   * Which of several published weights to read, such as `fp16`. Default: full precision, or `fp16`
   * where there is no other.
   */
  variant?: string | undefined;
}

/**
 * Opens a pipeline: reads every setting and the table of contents of every weights file, so that
 * a broken folder is found before any work starts. Weights are read when asked for.
 *
 * @throws {InputError} listing everything that is missing, or naming what is corrupt
 */
export function readPipelineFolder(
  folder: string,
  { variant }: ReadWeightsOptions = {},
): PipelineFolder {
  const missing = [
    ...(existsSync(path.join(folder, indexFile)) ? [] : [indexFile]),
    ...missingFiles(folder, "unet", variant),
    ...missingFiles(folder, "vae", variant),
    ...missingFiles(folder, "text_encoder", variant),
    ...(existsSync(path.join(folder, schedulerFile)) ? [] : [schedulerFile]),
    ...(isFolder(path.join(folder, "tokenizer")) ? [] : ["tokenizer/"]),
  ];
  throwIfMissing(folder, missing);
  const index = readJsonObject(path.join(folder, indexFile));
  return {
    folder,
    index,
    unet: readPipelineComponent(folder, "unet", { variant }),
    vae: readPipelineComponent(folder, "vae", { variant }),
    textEncoder: readPipelineComponent(folder, "text_encoder", { variant }),
    schedulerConfig: {
      ...readJsonObject(path.join(folder, schedulerFile)),
      ...schedulerClassOf(index),
    },
    tokenizerFolder: path.join(folder, "tokenizer"),
  };
}

/** What diffusers makes of the settings, whatever class these were written by. */
function schedulerClassOf({ scheduler }: JsonObject): { _class_name?: string } {
  const [library, name]: unknown[] = Array.isArray(scheduler) ? scheduler : [];
  return library === "diffusers" && typeof name === "string" ? { _class_name: name } : {};
}

/**
 * Opens one model of a pipeline folder that need not hold the others.
 *
 * @throws {InputError} listing what is missing, or naming what is corrupt
 */
export function readPipelineComponent(
  folder: string,
  name: ComponentName,
  { variant }: ReadWeightsOptions = {},
): PipelineComponent {
  throwIfMissing(folder, missingFiles(folder, name, variant));
  const weightsFile = findWeights(path.join(folder, name), weightsNames[name], variant)!;
  return {
    config: readJsonObject(path.join(folder, name, "config.json")),
    weightsFile,
    tensors: openWeights(weightsFile),
  };
}

/** Every file of a tokenizer folder, to be written beside a changed model. */
export function readTextFiles(folder: string): TextFiles {
  if (!isFolder(folder)) throw new InputError(`Cannot read ${folder}: no such folder`);
  const names = readdirSync(folder)
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .toSorted();
  return new Map(names.map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));
}

/**
 * Writes a pipeline. `model_index.json` comes last, so a folder that was cut short is recognised
 * as incomplete.
 */
export function writePipelineFolder(
  folder: string,
  content: PipelineContent,
  options: WriteSafetensorsOptions = {},
): void {
  writePipelineComponent(folder, "unet", content.unet, options);
  writePipelineComponent(folder, "vae", content.vae, options);
  writePipelineComponent(folder, "text_encoder", content.textEncoder, options);
  writeJsonObject(path.join(folder, schedulerFile), content.schedulerConfig);
  mkdirSync(path.join(folder, "tokenizer"), { recursive: true });
  for (const [name, text] of content.tokenizerFiles) {
    writeFileAtomic(path.join(folder, "tokenizer", name), text);
  }
  writeJsonObject(path.join(folder, indexFile), modelIndex(content));
}

/** `model_index.json`: the class of each part, as the published pipelines name them. */
function modelIndex({ textEncoder, ...content }: PipelineContent): object {
  return {
    _class_name: "StableDiffusionPipeline",
    feature_extractor: [null, null],
    image_encoder: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ["diffusers", samplerClass(content)],
    text_encoder: ["transformers", textEncoderClass(textEncoder)],
    tokenizer: ["transformers", tokenizerClass(content)],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  };
}

function samplerClass({ schedulerConfig }: Pick<PipelineContent, "schedulerConfig">): string {
  const { _class_name: name }: { _class_name?: unknown } = Object(schedulerConfig);
  return typeof name === "string" ? name : "DDIMScheduler";
}

function textEncoderClass({ config }: ComponentContent): string {
  const { architectures: [name] = [] }: { architectures?: unknown[] } = Object(config);
  return typeof name === "string" ? name : "CLIPTextModel";
}

/** The class that reads the tokenizer's files. */
export function tokenizerClass({
  tokenizerFiles,
}: Pick<PipelineContent, "tokenizerFiles">): string {
  return tokenizerFiles.has("merges.txt") ? "CLIPTokenizer" : "PreTrainedTokenizerFast";
}

/** Writes one model of a pipeline folder: weights first, then the settings. */
export function writePipelineComponent(
  folder: string,
  name: ComponentName,
  { config, tensors }: ComponentContent,
  options: WriteSafetensorsOptions = {},
): void {
  const file = path.join(folder, name, `${weightsNames[name]}.safetensors`);
  const metadata = { format: "pt", ...options.metadata }; // transformers insists on the format
  writeSafetensors(file, tensors, { ...options, metadata });
  writeJsonObject(path.join(folder, name, "config.json"), config);
}

function missingFiles(folder: string, name: ComponentName, variant?: string): string[] {
  const missing: string[] = [];
  if (!existsSync(path.join(folder, name, "config.json"))) missing.push(`${name}/config.json`);
  if (findWeights(path.join(folder, name), weightsNames[name], variant) === undefined) {
    missing.push(`${name}/${expectedWeights(weightsNames[name], variant)}`);
  }
  return missing;
}

function throwIfMissing(folder: string, missing: readonly string[]): void {
  if (!isFolder(folder)) throw new InputError(`Cannot read model ${folder}: no such folder`);
  if (missing.length > 0) {
    throw new InputError(
      `Cannot read model ${folder}: missing ${missing.join(", ")}; expected a folder in the layout of diffusers with safetensors weights`,
    );
  }
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
