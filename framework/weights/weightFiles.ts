import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { openSafetensors } from "./safetensors.ts";
import { openShardedSafetensors } from "./shardedSafetensors.ts";
import type { StoredTensor } from "./storedTensor.ts";
import { openTorchCheckpoint } from "./torchCheckpoint.ts";

/** Endings of the names that PyTorch's own format goes by. */
const torchEndings = [".ckpt", ".pt", ".pth", ".bin"];

/**
 * The names that a model's weights are published under, best first: one file or several, then the
 * older format.
 *
 * @param base such as `diffusion_pytorch_model`
 * @param variant such as `fp16`
 */
function weightNames(base: string, variant?: string): string[] {
  const infix = variant === undefined ? "" : `.${variant}`;
  const torch = base === "model" ? "pytorch_model" : base; // the text encoder's older name
  return [
    `${base}${infix}.safetensors`,
    `${base}.safetensors.index${infix}.json`,
    `${torch}${infix}.bin`,
  ];
}

/**
 * The file with a model's weights, or the index of several.
 *
 * @param variant Default: full precision, or `fp16` where there is no other
 * @returns undefined if there is none
 */
export function findWeights(folder: string, base: string, variant?: string): string | undefined {
  const names = existsSync(folder) ? new Set(readdirSync(folder)) : new Set<string>();
  const name = chooseWeights(names, base, variant);
  return name === undefined ? undefined : path.join(folder, name);
}

/** As {@link findWeights}, from the names of a folder's files. */
export function chooseWeights(
  names: ReadonlySet<string>,
  base: string,
  variant?: string,
): string | undefined {
  const variants = variant === undefined ? [undefined, "fp16"] : [variant];
  return variants.flatMap((each) => weightNames(base, each)).find((name) => names.has(name));
}

/** The name that is expected first, for messages. */
export function expectedWeights(base: string, variant?: string): string {
  return weightNames(base, variant)[0]!;
}

/**
 * The tensors of a weights file of any format, whose values are read when asked for.
 *
 * @param file safetensors, the index of sharded safetensors, or a checkpoint of PyTorch
 * @throws {InputError} when the file is missing, corrupt, or of no such format
 */
export function openWeights(file: string): ReadonlyMap<string, StoredTensor> {
  if (file.endsWith(".json")) return openShardedSafetensors(file);
  const isTorch = torchEndings.some((ending) => file.endsWith(ending));
  return isTorch ? openTorchCheckpoint(file).tensors : openSafetensors(file);
}
