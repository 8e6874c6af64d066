import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { readJsonObject, writeJsonObject, type JsonObject } from "./jsonFile.ts";
import { writeShardedSafetensors, type WriteShardedOptions } from "./shardedSafetensors.ts";
import type { StoredTensor } from "./storedTensor.ts";
import { expectedWeights, findWeights, openWeights } from "./weightFiles.ts";

/** A model as transformers' `save_pretrained` writes it. */
export interface ModelFolder {
  readonly folder: string;
  /** `config.json` */
  readonly config: JsonObject;
  /** Where the weights are, or the index of several files. */
  readonly weightsFile: string;
  /** The weights, whose values are read when, and each time, they are asked for. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Opens a model: reads the settings and the table of contents of the weights, whose values are read
 * when asked for.
 *
 * @param variant of the weights, such as `fp16`
 * @throws {InputError} listing everything that is missing, or naming what is corrupt
 */
export function readModelFolder(
  folder: string,
  { variant }: { variant?: string | undefined } = {},
): ModelFolder {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`Cannot read model ${folder}: no such folder`);
  }
  const weightsFile = findWeights(folder, "model", variant);
  const configFile = path.join(folder, "config.json");
  const missing = [
    ...(existsSync(configFile) ? [] : ["config.json"]),
    ...(weightsFile === undefined ? [expectedWeights("model", variant)] : []),
  ];
  if (weightsFile === undefined || missing.length > 0) {
    throw new InputError(
      `Cannot read model ${folder}: missing ${missing.join(", ")}; expected a folder as transformers' save_pretrained writes it`,
    );
  }
  const config = readJsonObject(configFile);
  return { folder, config, weightsFile, tensors: openWeights(weightsFile) };
}

export interface ModelContent {
  /** For `config.json`. */
  readonly config: object;
  readonly tensors: Iterable<readonly [name: string, tensor: HostTensor]>;
}

/** Weights that a folder may hold from before. */
const weightsPattern = /^(model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json)$/;

/**
 * Writes a model as transformers reads it: weights first, then the settings. Weights of the same
 * kind that were there before go; other files stay.
 */
export function writeModelFolder(
  folder: string,
  { config, tensors }: ModelContent,
  options: WriteShardedOptions = {},
): void {
  const metadata = { format: "pt", ...options.metadata }; // transformers insists on the format
  const written = new Set(
    writeShardedSafetensors(folder, "model", tensors, { ...options, metadata }),
  );
  writeJsonObject(path.join(folder, "config.json"), config);
  for (const name of readdirSync(folder)) {
    if (weightsPattern.test(name) && !written.has(name)) rmSync(path.join(folder, name));
  }
}
