import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import {
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type StoredTensor,
  type WriteSafetensorsOptions,
} from "./safetensors.ts";

/** A JSON object as it stands in its file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One model of a pipeline: its settings and where its weights are. */
export interface PipelineComponent {
  readonly config: JsonObject;
  readonly weightsFile: string;
  /** Reads the weights: at each call, anew. */
  readTensors(): Map<string, StoredTensor>;
}

/** Small files of a folder: name to content. */
export type TextFiles = ReadonlyMap<string, string>;

/** The parts of a text-to-image pipeline, in the folder layout that diffusers reads and writes. */
export interface PipelineFolder {
  readonly folder: string;
  /** `model_index.json` */
  readonly index: JsonObject;
  readonly unet: PipelineComponent;
  readonly vae: PipelineComponent;
  readonly textEncoder: PipelineComponent;
  /** `scheduler/scheduler_config.json` */
  readonly schedulerConfig: JsonObject;
  /** The folder that `loadTokenizer` takes. */
  readonly tokenizerFolder: string;
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

const weightsNames: Readonly<Record<ComponentName, string>> = {
  unet: "diffusion_pytorch_model",
  vae: "diffusion_pytorch_model",
  text_encoder: "model",
};
const indexFile = "model_index.json";
const schedulerFile = "scheduler/scheduler_config.json";

/** Classes of the parts but the tokenizer, as the published pipelines name them. */
const modelClasses = {
  _class_name: "StableDiffusionPipeline",
  feature_extractor: [null, null],
  image_encoder: [null, null],
  requires_safety_checker: false,
  safety_checker: [null, null],
  scheduler: ["diffusers", "DDIMScheduler"],
  text_encoder: ["transformers", "CLIPTextModel"],
  unet: ["diffusers", "UNet2DConditionModel"],
  vae: ["diffusers", "AutoencoderKL"],
};

/**
 * Opens a pipeline: reads every setting and the table of contents of every weights file, so that
 * a broken folder is found before any work starts. Weights are read when asked for.
 *
 * @throws {InputError} listing everything that is missing, or naming what is corrupt
 */
export function readPipelineFolder(folder: string): PipelineFolder {
  const missing = [
    ...(existsSync(path.join(folder, indexFile)) ? [] : [indexFile]),
    ...missingFiles(folder, "unet"),
    ...missingFiles(folder, "vae"),
    ...missingFiles(folder, "text_encoder"),
    ...(existsSync(path.join(folder, schedulerFile)) ? [] : [schedulerFile]),
    ...(isFolder(path.join(folder, "tokenizer")) ? [] : ["tokenizer/"]),
  ];
  throwIfMissing(folder, missing);
  return {
    folder,
    index: readJsonObject(path.join(folder, indexFile)),
    unet: readPipelineComponent(folder, "unet"),
    vae: readPipelineComponent(folder, "vae"),
    textEncoder: readPipelineComponent(folder, "text_encoder"),
    schedulerConfig: readJsonObject(path.join(folder, schedulerFile)),
    tokenizerFolder: path.join(folder, "tokenizer"),
  };
}

/**
 * Opens one model of a pipeline folder that need not hold the others.
 *
 * @throws {InputError} listing what is missing, or naming what is corrupt
 */
export function readPipelineComponent(folder: string, name: ComponentName): PipelineComponent {
  throwIfMissing(folder, missingFiles(folder, name));
  const weightsFile = findWeights(folder, name) ?? "";
  readSafetensorsHeader(weightsFile);
  return {
    config: readJsonObject(path.join(folder, name, "config.json")),
    weightsFile,
    readTensors: () => readSafetensors(weightsFile),
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
  writeJson(path.join(folder, schedulerFile), content.schedulerConfig);
  mkdirSync(path.join(folder, "tokenizer"), { recursive: true });
  for (const [name, text] of content.tokenizerFiles) {
    writeFileAtomic(path.join(folder, "tokenizer", name), text);
  }
  const tokenizer = content.tokenizerFiles.has("merges.txt")
    ? "CLIPTokenizer"
    : "PreTrainedTokenizerFast";
  writeJson(path.join(folder, indexFile), {
    ...modelClasses,
    tokenizer: ["transformers", tokenizer],
  });
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
  writeJson(path.join(folder, name, "config.json"), config);
}

function missingFiles(folder: string, name: ComponentName): string[] {
  const missing: string[] = [];
  if (!existsSync(path.join(folder, name, "config.json"))) missing.push(`${name}/config.json`);
  if (findWeights(folder, name) === undefined) {
    missing.push(`${name}/${weightsNames[name]}.safetensors`);
  }
  return missing;
}

/** Full precision is preferred to the published half-precision variant. */
function findWeights(folder: string, name: ComponentName): string | undefined {
  return [`${weightsNames[name]}.safetensors`, `${weightsNames[name]}.fp16.safetensors`]
    .map((file) => path.join(folder, name, file))
    .find((file) => existsSync(file));
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

/** @throws {InputError} naming the file */
function readJsonObject(file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read ${file}: ${reason}`, { cause });
  }
  if (isJsonObject(value)) return value;
  throw new InputError(`Cannot read ${file}: expected a JSON object, got ${JSON.stringify(value)}`);
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeJson(file: string, value: object): void {
  writeFileAtomic(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
