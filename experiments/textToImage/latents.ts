import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import {
  createLoader,
  hostTensor,
  readSafetensors,
  writeSafetensors,
  type AutoencoderKl,
  type Compile,
  type DataLoader,
  type Example,
  type HostTensor,
  type Tokenizer,
} from "seedbed";

import type { PictureAttributes } from "./captions.ts";
import {
  captionFor,
  conceptBalancedOrder,
  renderValidation,
  renderVariant,
  trainingVariants,
  validationCaption,
  type Augmentation,
  type EmojiData,
  type VariantAddress,
} from "./dataset.ts";
import { encodeLatents } from "./encodeLatents.ts";

const cacheFolder = path.join(".cache", "seedbed", "latents");

export interface LatentDataOptions {
  data: EmojiData;
  autoencoder: AutoencoderKl;
  /** The autoencoder's weights, whose content names the cache. */
  weightsFile: string;
  variants: number;
  augmentation: Augmentation;
  size: number;
  seed: number;
  compile: Compile;
  signal: AbortSignal;
  onProgress: (done: number, all: number) => void;
}

/** Pictures as latents, with what a caption may say of each. */
export interface LatentData {
  train: { addresses: VariantAddress[]; latents: HostTensor; attributes: PictureAttributes[] };
  validation: { latents: HostTensor; attributes: PictureAttributes[] };
}

/** Encodes every training variant and validation picture, or reads them from the cache. */
export async function latentData(options: LatentDataOptions): Promise<LatentData> {
  const { data, seed, size, variants, augmentation } = options;
  const render = { data, size, seed, augmentation };
  const addresses = trainingVariants(data, variants);
  const training = addresses.map(
    ({ drawing, variant }) =>
      () =>
        renderVariant(render, drawing, variant),
  );
  const validation = data.validation.map((drawing) => () => renderValidation(render, drawing));
  const pictures = [...training, ...validation];
  const file = path.join(cacheFolder, `${keyOf(options)}.safetensors`);
  const latents = existsSync(file) ? readLatents(file) : await encode(options, pictures);
  if (!existsSync(file)) writeSafetensors(file, [["latents", latents]]);
  const count = training.length;
  return {
    train: {
      addresses,
      latents: rows(latents, 0, count),
      attributes: training.map((picture) => picture().attributes),
    },
    validation: {
      latents: rows(latents, count, pictures.length),
      attributes: validation.map((picture) => picture().attributes),
    },
  };
}

function keyOf(options: LatentDataOptions): string {
  const { data, weightsFile, variants, augmentation, size, seed } = options;
  const hash = createHash("sha256").update(readFileSync(weightsFile));
  hash.update(JSON.stringify({ data: data.sha256, split: [data.train, data.validation] }));
  hash.update(JSON.stringify({ variants, augmentation, size, seed }));
  return hash.digest("hex").slice(0, 32);
}

function encode(
  { autoencoder, compile, signal, onProgress }: LatentDataOptions,
  pictures: readonly (() => ReturnType<typeof renderVariant>)[],
): Promise<HostTensor> {
  return encodeLatents({
    autoencoder,
    compile,
    signal,
    count: pictures.length,
    image: (index) => pictures[index]!().rgb,
    onProgress: (done) => onProgress(done, pictures.length),
  });
}

function readLatents(file: string): HostTensor {
  const stored = readSafetensors(file).get("latents");
  if (!stored || !(stored.values instanceof Float32Array)) {
    throw new Error(`Cannot use ${file}: it has no float32 tensor "latents"; delete it`);
  }
  return hostTensor(stored.values, stored.shape);
}

function rows({ values, shape }: HostTensor, from: number, to: number): HostTensor {
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  return hostTensor(values.subarray(from * size, to * size), [to - from, ...shape.slice(1)]);
}

export interface LatentLoadersOptions {
  data: EmojiData;
  latents: LatentData;
  tokenizer: Tokenizer;
  /** Tokens that the text encoder takes. */
  length: number;
  batchSize: number;
  seed: number;
}

/**
 * Batches of `latents` and `ids`: every concept equally often, a caption drawn anew each time.
 * Validation has each unseen drawing once, with the caption that says all.
 */
export function latentLoaders({
  data,
  latents: { train, validation },
  tokenizer,
  length,
  batchSize,
  seed,
}: LatentLoadersOptions): { trainLoader: DataLoader; valLoader: DataLoader } {
  const example = (latents: HostTensor, index: number, caption: string): Example => ({
    latents: withoutBatch(rows(latents, index, index + 1)),
    ids: hostTensor(tokenizer.encode(caption, { padTo: length, maxLength: length }), [length]),
  });
  return {
    trainLoader: createLoader({
      order: conceptBalancedOrder(data, train.addresses, seed),
      batchSize,
      seed,
      dataset: {
        length: train.addresses.length,
        get(index, random) {
          const { drawing } = train.addresses[index]!;
          const caption = captionFor(data, drawing, train.attributes[index]!, random);
          return example(train.latents, index, caption);
        },
      },
    }),
    valLoader: createLoader({
      dataset: {
        length: data.validation.length,
        get: (index) =>
          example(
            validation.latents,
            index,
            validationCaption(data, data.validation[index]!, validation.attributes[index]!),
          ),
      },
      batchSize: Math.min(batchSize, data.validation.length),
      seed,
    }),
  };
}

function withoutBatch({ values, shape }: HostTensor): HostTensor {
  return hostTensor(values, shape.slice(1));
}
