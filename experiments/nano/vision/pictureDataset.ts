import {
  assistantMask,
  hostTensor,
  idefics3Preprocessing,
  ignoredLabel,
  rgbImage,
  type Dataset,
  type HostTensor,
  type Tokenizer,
} from "seedbed";

import { endOfText, endOfTurn, startOfTurn } from "../data/chat.ts";
import { pictureSize, type Picture } from "../pictures/picture.ts";
import { preprocessorConfig } from "./pictureModel.ts";
import { pictureText } from "./pictureText.ts";

export interface PictureDatasetOptions {
  /** Tokens of a question with its picture; longer ones are an error. */
  length: number;
  /** How many features the model has for a picture. */
  imageTokens: number;
  /** `first` always asks what is in the picture; default `any`, another at every visit. */
  questions?: "first" | "any";
}

const prepare = idefics3Preprocessing(preprocessorConfig);

/** A picture as the model takes it, `[1, 3, pictureSize, pictureSize]` in [-4, 0]. */
export function pixelsOf({ rgb }: Pick<Picture, "rgb">): HostTensor {
  return prepare(rgbImage(pictureSize, pictureSize, rgb)).pixels;
}

/**
 * Pictures with a question each: `pixels` float32 `[3, 64, 64]` in [-4, 0], where 0 is white; `ids` and `labels` int32
 * `[length]`, with `imageTokens` tokens `<image>` before the question. The answer is learnt.
 */
export function pictureDataset(
  pictures: readonly Picture[],
  tokenizer: Tokenizer,
  { length, imageTokens, questions = "any" }: PictureDatasetOptions,
): Dataset {
  const marks = {
    start: tokenizer.textIds(`${startOfTurn}assistant\n`),
    end: tokenizer.idOf(endOfTurn)!,
  };
  return {
    length: pictures.length,
    get(index, random) {
      const { rgb, questions: asked } = pictures[index]!;
      const drawn = asked[questions === "first" ? 0 : random.integer(asked.length)]!;
      const ids = tokenizer.textIds(pictureText(drawn.question, imageTokens, drawn.answer));
      if (ids.length > length) {
        throw new RangeError(
          `Cannot ask about picture ${index}: expected at most ${length} tokens, got ${ids.length}; give a larger length`,
        );
      }
      const mask = assistantMask(ids, marks);
      const padded = new Int32Array(length).fill(tokenizer.idOf(endOfText)!);
      padded.set(ids);
      const labels = new Int32Array(length).fill(ignoredLabel);
      for (const [i, id] of ids.entries()) if (mask[i] === 1) labels[i] = id;
      const { values, shape } = pixelsOf({ rgb });
      return {
        pixels: hostTensor(values, shape.slice(1)),
        ids: hostTensor(padded, [length]),
        labels: hostTensor(labels, [length]),
      };
    },
  };
}
