import { existsSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { shown } from "../base/shown.ts";
import { readJsonObject, type JsonObject } from "./jsonFile.ts";
import type { PipelineComponent, ReadWeightsOptions } from "./pipelineFolder.ts";
import { expectedWeights, findWeights, openWeights } from "./weightFiles.ts";

/** A CLIP in the folder layout of transformers' `CLIPModel`; its tokenizer is in the same folder. */
export interface ClipFolder extends PipelineComponent {
  readonly folder: string;
  /** `preprocessor_config.json` */
  readonly preprocessorConfig: JsonObject;
}

const configFile = "config.json";
const preprocessorFile = "preprocessor_config.json";

/**
 * Opens a CLIP: reads the settings and the table of contents of the weights, whose values are read
 * when asked for.
 *
 * @throws {InputError} listing everything that is missing, or naming what is corrupt or another model
 */
export function readClipFolder(folder: string, { variant }: ReadWeightsOptions = {}): ClipFolder {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`Cannot read CLIP ${folder}: no such folder`);
  }
  const weightsFile = findWeights(folder, "model", variant);
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  const missing = [
    ...[configFile, preprocessorFile].filter((name) => !has(name)),
    ...(weightsFile === undefined ? [expectedWeights("model", variant)] : []),
    ...(has("tokenizer.json") || has("vocab.json") ? [] : ["tokenizer.json"]),
  ];
  if (weightsFile === undefined || missing.length > 0) {
    throw new InputError(
      `Cannot read CLIP ${folder}: missing ${missing.join(", ")}; expected a folder as transformers' CLIPModel has it`,
    );
  }
  const config = readJsonObject(path.join(folder, configFile));
  checkKind(folder, config);
  const preprocessorConfig = readJsonObject(path.join(folder, preprocessorFile));
  return { folder, config, preprocessorConfig, weightsFile, tensors: openWeights(weightsFile) };
}

function checkKind(folder: string, config: JsonObject): void {
  if (config["model_type"] === "clip") return;
  const got = config["model_type"] === undefined ? "none" : shown(config["model_type"]);
  throw new InputError(
    `Cannot read CLIP ${folder}: expected model_type "clip" in ${configFile}, got ${got}; half of a CLIP, or a model of another kind, cannot compare texts with pictures`,
  );
}
