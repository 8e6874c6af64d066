import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { weightsNames, type ComponentName } from "./pipelineFolder.ts";
import { shardsOf } from "./shardedSafetensors.ts";
import { findWeights } from "./weightFiles.ts";

/** Folders of a pipeline without weights. */
const settingsFolders = ["scheduler", "tokenizer"];

/**
 * The files that decide what a model computes: settings, the weights that are read of it, and a
 * pipeline's tokenizer. What else lies in its folder, such as weights of another variant, is left out.
 *
 * @param source a pipeline's folder, the file that holds all its weights, or a language model's folder
 * @param parts of a pipeline, where the others do not matter
 * @returns sorted by their names in the folder
 * @throws {InputError} when an index of weights is no such
 */
export function modelFiles(source: string, parts?: readonly ComponentName[]): string[] {
  if (statSync(source).isFile()) return [source, ...filesBeside(source)];
  const weights: Readonly<Record<string, string>> = { ".": "model", ...weightsNames };
  const chosen = parts ?? Object.keys(weights);
  return sortedFiles(source, [
    ...chosen.flatMap((part) => [
      path.join(part, "config.json"),
      ...weightFiles(source, part, weights[part]!),
    ]),
    ...(parts ? [] : ["model_index.json", ...settingsIn(source)]),
  ]);
}

/** What is read beside a pipeline that is one file. */
function filesBeside(file: string): string[] {
  const folder = path.dirname(file);
  const configs = Object.keys(weightsNames).map((part) => path.join(part, "config.json"));
  return sortedFiles(folder, [...configs, ...settingsIn(folder)]);
}

function sortedFiles(folder: string, names: readonly string[]): string[] {
  const files = names.toSorted().map((name) => path.join(folder, name));
  return files.filter((file) => existsSync(file));
}

function settingsIn(folder: string): string[] {
  return settingsFolders
    .filter((part) => existsSync(path.join(folder, part)))
    .flatMap((part) => readdirSync(path.join(folder, part)).map((name) => path.join(part, name)))
    .filter((name) => /\.(json|txt)$/.test(name));
}

/** The file with a part's weights, or several with their index. */
function weightFiles(folder: string, part: string, base: string): string[] {
  const file = findWeights(path.join(folder, part), base);
  if (file === undefined) return [];
  const shards = file.endsWith(".json") ? shardsOf(file) : [];
  return [path.basename(file), ...shards].map((name) => path.join(part, name));
}
