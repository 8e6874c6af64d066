import {
  compositeOn,
  createLoader,
  hostTensor,
  shuffledOrder,
  transforms,
  type DataLoader,
  type Dataset,
  type HostTensor,
  type RgbaImage,
  type RgbImage,
  type Transform,
} from "seedbed";

import type { EmojiData } from "../textToImage/dataset.ts";
import { styles } from "../textToImage/emoji/styles.ts";

const { compose, normalize, randomAffine } = transforms;

/** The hands that drew the emoji; a label is a position here. */
export const classes: readonly string[] = styles.map(({ word }) => word);

/** How far training drawings are moved, as a share of the side; half of them are mirrored. */
const moves = { flip: true, shift: 0.08 } as const;

export interface ClassifierData {
  data: EmojiData;
  size: number;
  batchSize: number;
  seed: number;
}

/** Batches of `image [batch, 3, size, size]` in [-1, 1] and `label`, int32 `[batch]`. */
export function classifierLoaders({ data, size, batchSize, seed }: ClassifierData): {
  /** Every training drawing in each epoch, moved anew. */
  trainLoader: DataLoader;
  /** Every held-out drawing, as it was drawn. */
  valLoader: DataLoader;
} {
  const moved = compose(randomAffine({ size, ...moves }), onWhite, normalize());
  const asDrawn = compose(randomAffine({ size }), onWhite, normalize());
  const { train, validation } = data;
  return {
    trainLoader: createLoader({
      dataset: labelled(data, train, moved),
      order: shuffledOrder(train.length, seed),
      batchSize,
      seed,
    }),
    valLoader: createLoader({
      dataset: labelled(data, validation, asDrawn),
      batchSize: Math.min(batchSize, validation.length),
      seed,
      dropLast: false,
    }),
  };
}

function labelled(
  data: EmojiData,
  drawings: readonly number[],
  toTensor: Transform<RgbaImage, HostTensor>,
): Dataset {
  return {
    length: drawings.length,
    async get(index, random) {
      const drawing = drawings[index]!;
      const label = classes.indexOf(data.drawings[drawing]!.style);
      return {
        image: await toTensor(data.picture(drawing), random),
        label: hostTensor(Int32Array.of(label), []),
      };
    },
  };
}

const onWhite = (image: RgbaImage): RgbImage => compositeOn(image, [255, 255, 255]);
