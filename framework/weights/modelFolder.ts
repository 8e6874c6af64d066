import { existsSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { readJsonObject, type JsonObject } from "./jsonFile.ts";
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
