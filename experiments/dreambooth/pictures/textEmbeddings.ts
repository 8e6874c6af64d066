import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  shardLoader,
  sizeOf,
  stackExamples,
  toTensor,
  type ClipTextEncoder,
  type Compile,
  type DataLoader,
  type Example,
  type HostBatch,
  type HostTensor,
} from "seedbed";

import type { CachePlace } from "../settings/pictures.ts";
import { modelHash, valuesHash } from "./contentHash.ts";
import { readExample, writeExample } from "./exampleFile.ts";

const cacheFolder = path.join(".cache", "seedbed", "text-embeddings");

export interface TextEmbeddingsOptions {
  textEncoder: ClipTextEncoder;
  compile: Compile;
  /** `none` leaves batches as they are, for an encoder that learns. */
  place: CachePlace;
}

/** What a text encoder that does not learn makes of prompts, each of which it sees once. */
export interface TextEmbeddings {
  /** Loaders whose batches have `context [batch, tokens, features]` in the place of `ids`. */
  load<Loaders extends Readonly<Record<string, DataLoader>>>(loaders: Loaders): Loaders;
  dispose(): void;
}

export async function textEmbeddings({
  textEncoder,
  compile,
  place,
}: TextEmbeddingsOptions): Promise<TextEmbeddings> {
  if (place === "none") return { load: (loaders) => loaders, dispose() {} };
  const encode = compile(({ ids }: { ids: tf.Tensor }) => ({ context: textEncoder.encode(ids) }));
  const folder =
    place === "disk" ? path.join(cacheFolder, await modelHash(textEncoder)) : undefined;
  const known = new Map<string, Promise<Example>>();
  const compute = async (key: string, ids: HostTensor): Promise<Example> => {
    const file = folder && path.join(folder, `${key}.safetensors`);
    const kept = file && readExample(file);
    if (kept) return kept;
    const example = await embed(encode, ids);
    if (file) writeExample(file, example);
    return example;
  };
  const embedded = async (batch: HostBatch): Promise<HostBatch> => {
    const { ids, ...rest } = batch;
    const rows: Example[] = [];
    for (const row of rowsOf(ids!)) {
      const key = valuesHash(row.values);
      if (!known.has(key)) known.set(key, compute(key, row));
      rows.push(await known.get(key)!);
    }
    return { ...rest, ...stackExamples(rows) };
  };
  return {
    load: (loaders) => mapLoaders(loaders, (loader) => mapLoader(loader, embedded)),
    dispose: () => encode.dispose(),
  };
}

async function embed(
  encode: (inputs: { ids: tf.Tensor }) => Promise<{ context: tf.Tensor }>,
  { values, shape }: HostTensor,
): Promise<Example> {
  const ids = toTensor(hostTensor(values, [1, ...shape]));
  const { context } = await encode({ ids });
  const floats = (await context.data<"float32">()).slice();
  const example = { context: hostTensor(floats, context.shape.slice(1)) };
  tf.dispose([ids, context]);
  return example;
}

function rowsOf({ values, shape }: HostTensor): { values: Int32Array; shape: number[] }[] {
  const [rows = 0, ...rest] = shape;
  const size = sizeOf(rest);
  return Array.from({ length: rows }, (_, row) => ({
    values: Int32Array.from(values.subarray(row * size, (row + 1) * size)),
    shape: rest,
  }));
}

function mapLoader(loader: DataLoader, map: (batch: HostBatch) => Promise<HostBatch>): DataLoader {
  return {
    length: loader.length,
    batch: async (epoch, index) => map(await loader.batch(epoch, index)),
    shard: async (shard) => mapLoader(await shardLoader(loader, shard), map),
  };
}

function mapLoaders<Loaders extends Readonly<Record<string, DataLoader>>>(
  loaders: Loaders,
  map: (loader: DataLoader) => DataLoader,
): Loaders {
  return Object.assign(
    { ...loaders },
    Object.fromEntries(Object.entries(loaders).map(([name, loader]) => [name, map(loader)])),
  );
}
