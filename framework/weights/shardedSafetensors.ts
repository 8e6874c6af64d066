import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { readJsonObject } from "./jsonFile.ts";
import { openSafetensors } from "./safetensors.ts";
import type { StoredTensor } from "./storedTensor.ts";

/**
 * The tensors of several safetensors files that an index lists, as Hugging Face's libraries write
 * large models. Values are read when asked for.
 *
 * @param file the index, `*.safetensors.index.json`; the others are beside it
 * @throws {InputError} when files are missing or corrupt, or hold other tensors than the index says
 */
export function openShardedSafetensors(file: string): Map<string, StoredTensor> {
  const fileOf = readIndex(file);
  const shards = new Set(fileOf.values());
  const missing = [...shards].filter((name) => !existsSync(path.join(path.dirname(file), name)));
  if (missing.length > 0) {
    throw new InputError(`Cannot read ${file}: missing ${missing.join(", ")} beside it`);
  }
  const tensors = new Map<string, StoredTensor>();
  const strays: string[] = [];
  for (const shard of [...shards].toSorted()) {
    for (const [name, tensor] of openSafetensors(path.join(path.dirname(file), shard))) {
      if (fileOf.get(name) === shard) tensors.set(name, tensor);
      else strays.push(`${name} in ${shard}`);
    }
  }
  const absent = [...fileOf.keys()].filter((name) => !tensors.has(name));
  if (strays.length + absent.length > 0) {
    throw new InputError(
      `Cannot read ${file}: it does not agree with its files: ${[...strays, ...absent.map((name) => `no ${name} in ${fileOf.get(name)}`)].join("; ")}`,
    );
  }
  return tensors;
}

/** Names of the files that an index lists. */
export function shardsOf(file: string): Set<string> {
  return new Set(readIndex(file).values());
}

/** Name of the file that holds each tensor. */
function readIndex(file: string): Map<string, string> {
  const { weight_map: map } = readJsonObject(file);
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new InputError(`Cannot read ${file}: expected a weight_map of tensors to files`);
  }
  return new Map(
    Object.entries(map).map(([name, shard]: [string, unknown]) => {
      if (typeof shard === "string" && path.basename(shard) === shard) return [name, shard];
      throw new InputError(
        `Cannot read ${file}: tensor "${name}" must be in a file beside it, got ${JSON.stringify(shard)}`,
      );
    }),
  );
}
