import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { sizeOf } from "../base/shape.ts";
import { shown } from "../base/shown.ts";
import { readJsonObject, writeJsonObject } from "./jsonFile.ts";
import { openSafetensors, writeSafetensors, type WriteSafetensorsOptions } from "./safetensors.ts";
import { bytesPerElement, isLazy, isOfFloats, type StoredTensor } from "./storedTensor.ts";

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
        `Cannot read ${file}: tensor "${name}" must be in a file beside it, got ${shown(shard)}`,
      );
    }),
  );
}

export interface WriteShardedOptions extends WriteSafetensorsOptions {
  /** A tensor that does not fit begins another file. Default: 5 GB, as transformers has it. */
  maxShardBytes?: number;
}

/**
 * Writes tensors to one file or, where they are too many, to several and an index, each whole or not
 * at all, the index last.
 *
 * @param base what the files are called, such as `model`
 * @returns names of the files
 */
export function writeShardedSafetensors(
  folder: string,
  base: string,
  tensors: Iterable<readonly [name: string, tensor: HostTensor]>,
  { maxShardBytes = 5e9, ...options }: WriteShardedOptions = {},
): string[] {
  const { dtype = "F32" } = options;
  const shards = shardsFor([...tensors], dtype, maxShardBytes);
  const names = shards.map((_, i) => shardName(base, i, shards.length));
  for (const [i, { entries }] of shards.entries()) {
    writeSafetensors(path.join(folder, names[i]!), entries, options);
  }
  if (shards.length === 1) return names;
  const index = `${base}.safetensors.index.json`;
  const pairs = shards.flatMap(({ entries }, i) => entries.map(([name]) => [name, names[i]!]));
  writeJsonObject(path.join(folder, index), {
    metadata: { total_size: shards.reduce((sum, { bytes }) => sum + bytes, 0) },
    weight_map: Object.fromEntries(pairs),
  });
  return [...names, index];
}

interface ShardContent {
  readonly entries: (readonly [name: string, tensor: HostTensor])[];
  bytes: number;
}

function shardsFor(
  tensors: ShardContent["entries"],
  dtype: NonNullable<WriteSafetensorsOptions["dtype"]>,
  maxBytes: number,
): ShardContent[] {
  const shards: ShardContent[] = [{ entries: [], bytes: 0 }];
  for (const entry of tensors) {
    const tensor = entry[1];
    const hasFloats = isLazy(tensor) ? isOfFloats(tensor) : !(tensor.values instanceof Int32Array);
    const bytes = sizeOf(tensor.shape) * bytesPerElement[hasFloats ? dtype : "I32"];
    let last = shards.at(-1)!;
    if (last.entries.length > 0 && last.bytes + bytes > maxBytes) {
      last = { entries: [], bytes: 0 };
      shards.push(last);
    }
    last.entries.push(entry);
    last.bytes += bytes;
  }
  return shards;
}

function shardName(base: string, index: number, count: number): string {
  const digits = (number: number): string => String(number).padStart(5, "0");
  return count === 1
    ? `${base}.safetensors`
    : `${base}-${digits(index + 1)}-of-${digits(count)}.safetensors`;
}
