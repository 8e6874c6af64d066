import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import {
  readSafetensorsEntries,
  readSafetensorsHeader,
  writeSafetensors,
  type SafetensorsEntry,
} from "../weights/safetensors.ts";
import type { Dataset, Example } from "./dataset.ts";

export interface CacheOptions {
  /** Where the files are; several caches may share it. */
  folder: string;
  /**
   * Names all that decides the examples: their source, the settings, the code's version. It becomes
   * part of the files' names, hashed: another key reads and writes other files.
   */
  key: string;
  /** Examples in one file, which are made together; 256 by default. */
  shardExamples?: number;
}

/** Changes when files of older versions cannot be read. */
const formatVersion = 1;

/**
 * A dataset whose examples are made once and then read from the disk. Made for what is slow and the
 * same in every epoch: put random transforms behind it, by `mapDataset`. Where the dataset draws
 * random numbers, an example draws the same ones for ever, whatever the loader's seed.
 *
 * The first example of a file that is asked for makes the whole file, written whole or not at all.
 * Threads and processes may share a cache.
 */
export function cachedDataset(dataset: Dataset, options: CacheOptions): Dataset {
  const { shardExamples = 256 } = options;
  if (!Number.isInteger(shardExamples) || shardExamples < 1) {
    throw new RangeError(
      `Cannot cache examples: shardExamples must be an integer >= 1, got ${shardExamples}`,
    );
  }
  const fileOf = shardNames(dataset.length, options, shardExamples);
  const shards = new Map<number, Promise<Shard>>();
  async function openShard(number: number): Promise<Shard> {
    const file = fileOf(number);
    const first = number * shardExamples;
    const end = Math.min(first + shardExamples, dataset.length);
    if (!existsSync(file)) await writeShard(file, dataset, first, end);
    return withCure(file, () => readShard(file));
  }
  return {
    length: dataset.length,
    async get(index) {
      const number = Math.floor(index / shardExamples);
      const opening = shards.get(number) ?? openShard(number);
      shards.set(number, opening);
      try {
        const shard = await opening;
        return withCure(shard.file, () => readExample(shard, index));
      } catch (cause) {
        shards.delete(number);
        throw cause;
      }
    },
  };
}

/** `<hash>-00003-of-00010.safetensors`, for a shard's number from 0. */
function shardNames(
  length: number,
  { folder, key }: CacheOptions,
  shardExamples: number,
): (shard: number) => string {
  const content = JSON.stringify([formatVersion, key, length, shardExamples]);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 32);
  const padded = (number: number): string => String(number).padStart(5, "0");
  const count = Math.ceil(length / shardExamples);
  return (shard) =>
    path.join(folder, `${hash}-${padded(shard + 1)}-of-${padded(count)}.safetensors`);
}

/** Stores examples under `<index>/<entry>`, with a checksum of each among the header's texts. */
async function writeShard(
  file: string,
  dataset: Dataset,
  first: number,
  end: number,
): Promise<void> {
  const tensors: [string, HostTensor][] = [];
  const checksums: Record<string, string> = {};
  for (let index = first; index < end; index++) {
    const example = await dataset.get(index, new RandomStream(0, "cached", index));
    for (const [name, tensor] of Object.entries(example)) {
      tensors.push([`${index}/${name}`, tensor]);
    }
    checksums[index] = checksumOf(example);
  }
  writeSafetensors(file, tensors, { metadata: checksums });
}

/** A file's table of contents. */
interface Shard {
  readonly file: string;
  readonly checksums: Readonly<Record<string, string>>;
  /** By the example's index. */
  readonly entries: ReadonlyMap<number, readonly (readonly [string, SafetensorsEntry])[]>;
}

function readShard(file: string): Shard {
  const { metadata, tensors } = readSafetensorsHeader(file);
  const entries = new Map<number, [string, SafetensorsEntry][]>();
  for (const [name, entry] of tensors) {
    const index = Number.parseInt(name, 10);
    entries.set(index, [...(entries.get(index) ?? []), [name, entry]]);
  }
  return { file, checksums: metadata, entries };
}

function readExample({ file, checksums, entries }: Shard, index: number): Example {
  const stored = readSafetensorsEntries(file, entries.get(index) ?? []);
  const example = Object.fromEntries(
    Array.from(stored, ([name, { values, shape }]) => [
      name.slice(name.indexOf("/") + 1),
      hostTensor(values, shape),
    ]),
  );
  if (checksumOf(example) === checksums[index]) return example;
  throw new InputError(`Cannot read example ${index}: it differs from what was written`);
}

/** Of names, shapes, types and values, whatever the entries' order. */
function checksumOf(example: Example): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(example).toSorted()) {
    const { values, shape } = example[name]!;
    hash.update(JSON.stringify([name, shape, values instanceof Int32Array]));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest("hex").slice(0, 32);
}

function withCure<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      `Cannot use cached examples in ${file}: ${reason}; delete the file to have it made again`,
      { cause },
    );
  }
}
