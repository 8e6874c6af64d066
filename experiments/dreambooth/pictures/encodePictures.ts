import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  imagesToTensor,
  toTensor,
  type AutoencoderKl,
  type Compile,
  type CompiledFunction,
  type Example,
  type HostTensor,
  type ImageSize,
} from "seedbed";

import { modelHash, valuesHash } from "./contentHash.ts";
import { readExample, writeExample } from "./exampleFile.ts";
import type { PictureCopy } from "./framing.ts";

export interface EncodePicturesOptions {
  autoencoder: AutoencoderKl;
  compile: Compile;
  copies: readonly PictureCopy[];
  /** `sample` keeps the deviations as well, to draw from in every step. */
  posterior: "mean" | "sample";
  /** Where latents are kept for later runs; undefined: nowhere. */
  cacheFolder?: string | undefined;
  signal?: AbortSignal;
}

type Encode = CompiledFunction<{ images: tf.Tensor }, tf.NamedTensorMap>;

/** Pixels that are encoded together: 32 pictures of 64 x 64, one of 512 x 512. */
const batchPixels = 32 * 64 * 64;
const mostTogether = 32;

/**
 * Examples of pictures: `latents [channels, height, width]`, scaled for the UNet, and with `sample`
 * their `deviation`, of the same shape. A file of the cache is named by the model, the pixels that
 * it encodes and what is asked of it: whatever of these changes, it is encoded anew.
 */
export async function encodePictures(options: EncodePicturesOptions): Promise<Example[]> {
  const { copies, compile, cacheFolder, posterior } = options;
  const fileOf =
    cacheFolder === undefined ? undefined : await cacheFiles(options, cacheFolder, posterior);
  const encode = compile(encoder(options));
  const examples: Example[] = Array.from({ length: copies.length });
  try {
    for (const indices of bySize(copies)) {
      const found = await encodeGroup(
        indices.map((index) => copies[index]!),
        encode,
        { ...options, fileOf },
      );
      indices.forEach((index, i) => (examples[index] = found[i]!));
    }
  } finally {
    encode.dispose();
  }
  return examples;
}

function encoder({ autoencoder, posterior }: EncodePicturesOptions) {
  return ({ images }: { images: tf.Tensor }): tf.NamedTensorMap => {
    const distribution = autoencoder.encode(images);
    const latents = autoencoder.scaleLatents(distribution.mean);
    return posterior === "mean"
      ? { latents }
      : { latents, deviation: scaledDeviation(autoencoder, distribution.logvar) };
  };
}

/** Deviation of latents as the UNet takes them. */
export function scaledDeviation({ config }: AutoencoderKl, logvar: tf.Tensor): tf.Tensor {
  return logvar.mul(0.5).exp().mul(config.scaling_factor);
}

/** Names the file of a picture. */
type FileOf = (copy: PictureCopy) => Promise<string>;

async function cacheFiles(
  { autoencoder }: EncodePicturesOptions,
  cacheFolder: string,
  posterior: string,
): Promise<FileOf> {
  const folder = path.join(cacheFolder, await modelHash(autoencoder));
  return async (copy) => {
    const { data, width, height } = await copy.picture();
    return path.join(folder, `${valuesHash(data, width, height, posterior)}.safetensors`);
  };
}

/** Indices of the copies of each size. */
function bySize(copies: readonly PictureCopy[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [index, { size }] of copies.entries()) {
    const key = `${size.width}x${size.height}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(index);
  }
  return [...groups.values()];
}

/**
 * Encodes pictures of one size. Every batch has the same shape, whatever was cached: a short one is
 * filled up.
 */
async function encodeGroup(
  copies: readonly PictureCopy[],
  encode: Encode,
  { fileOf, signal }: EncodePicturesOptions & { fileOf: FileOf | undefined },
): Promise<Example[]> {
  const files = fileOf && (await inTurn(copies, fileOf));
  const examples = copies.map((_, i) => files && readExample(files[i]!));
  const missing = copies.map((_, i) => i).filter((i) => examples[i] === undefined);
  const batchSize = Math.min(togetherOf(copies[0]!.size), copies.length);
  for (let start = 0; start < missing.length; start += batchSize) {
    signal?.throwIfAborted();
    const wanted = missing.slice(start, start + batchSize);
    const filled = Array.from({ length: batchSize }, (_, i) => wanted[i] ?? wanted.at(-1)!);
    const made = await encodeBatch(
      filled.map((i) => copies[i]!),
      encode,
    );
    for (const [at, i] of wanted.entries()) {
      examples[i] = made[at]!;
      if (files) writeExample(files[i]!, made[at]!);
    }
  }
  return examples.map((example) => example!);
}

function togetherOf({ width, height }: ImageSize): number {
  return Math.min(mostTogether, Math.max(1, Math.floor(batchPixels / (width * height))));
}

async function encodeBatch(copies: readonly PictureCopy[], encode: Encode): Promise<Example[]> {
  const pictures = await inTurn(copies, async (copy) => copy.picture());
  const images = toTensor(imagesToTensor(pictures));
  const outputs = await encode({ images });
  const rows: Record<string, HostTensor>[] = copies.map(() => ({}));
  for (const [name, tensor] of Object.entries(outputs)) {
    const values = await tensor.data<"float32">();
    const size = values.length / copies.length;
    for (const [i, row] of rows.entries()) {
      row[name] = hostTensor(values.slice(i * size, (i + 1) * size), tensor.shape.slice(1));
    }
  }
  tf.dispose([images, outputs]);
  return rows;
}

/** One after another, so that few pictures are in memory at once. */
async function inTurn<From, To>(
  items: readonly From[],
  work: (item: From) => Promise<To>,
): Promise<To[]> {
  const results: To[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
