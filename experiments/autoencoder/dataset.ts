import {
  createLoader,
  hostTensor,
  imagesToTensor,
  shuffledOrder,
  type DataLoader,
  type Example,
  type RgbImage,
} from "seedbed";

import { renderValidation, renderVariant, type EmojiData } from "../textToImage/dataset.ts";

/** Variants that a drawing is drawn in; the autoencoder sees a random one each time. */
const variants = 64;

export interface AutoencoderData {
  data: EmojiData;
  size: number;
  batchSize: number;
  seed: number;
}

/** Batches of `image [batch, 3, size, size]` in [-1, 1]. */
export function autoencoderLoaders({ data, size, batchSize, seed }: AutoencoderData): {
  trainLoader: DataLoader;
  valLoader: DataLoader;
} {
  const render = { data, size, seed };
  return {
    trainLoader: createLoader({
      order: shuffledOrder(data.train.length, seed),
      batchSize,
      seed,
      dataset: {
        length: data.train.length,
        get: (index, random) =>
          imageExample(renderVariant(render, data.train[index]!, random.integer(variants)).rgb),
      },
    }),
    valLoader: createLoader({
      dataset: {
        length: data.validation.length,
        get: (index) => imageExample(renderValidation(render, data.validation[index]!).rgb),
      },
      batchSize: Math.min(batchSize, data.validation.length),
      seed,
    }),
  };
}

function imageExample(image: RgbImage): Example {
  const { values, shape } = imagesToTensor([image]);
  return { image: hostTensor(values, shape.slice(1)) };
}
