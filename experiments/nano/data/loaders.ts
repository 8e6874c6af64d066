import {
  assistantMask,
  createLoader,
  type DataLoader,
  type Dataset,
  hostTensor,
  ignoredLabel,
  packedDataset,
  shuffledOrder,
  type TokenDocuments,
  type Tokenizer,
} from "seedbed";

import { type Picture, pictureSize } from "../pictures/picture.ts";
import { endOfText, endOfTurn, imageToken, renderChat, startOfTurn } from "./chat.ts";

export interface PackedLoaderOptions {
  /** Tokens in a row. */
  length: number;
  batchSize: number;
  /** Of the rows' order; rows in their order where there is none. */
  seed?: number;
}

/** Batches of packed rows: `ids`, `labels`, `documents`, `positions`, int32 `[batch, length]`. */
export function packedLoader(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  { length, batchSize, seed }: PackedLoaderOptions,
): DataLoader {
  const dataset = packedDataset(documents, { length, padId: tokenizer.ids.pad! });
  const order = seed === undefined ? {} : { order: shuffledOrder(dataset.length, seed) };
  return createLoader({ dataset, batchSize, seed: seed ?? 0, ...order });
}

export interface PictureOptions {
  /** Tokens of a question with its picture; longer ones are an error. */
  length: number;
  /** How many features the model has for a picture. */
  imageTokens: number;
  /** `first` always asks what is in the picture; default `any`, another at every visit. */
  questions?: "first" | "any";
}

/**
 * Pictures with a question each: `pixels` float32 `[64, 64, 3]` in [-1, 1]; `ids` and `labels` int32
 * `[length]`, with `imageTokens` tokens `<image>` before the question.
 */
export function pictureDataset(
  pictures: readonly Picture[],
  tokenizer: Tokenizer,
  { length, imageTokens, questions = "any" }: PictureOptions,
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
      return {
        pixels: hostTensor(
          Float32Array.from(rgb, (value) => value / 127.5 - 1),
          [pictureSize, pictureSize, 3],
        ),
        ids: hostTensor(padded, [length]),
        labels: hostTensor(labels, [length]),
      };
    },
  };
}

/** The dialogue about a picture; without an answer it ends where the assistant begins. */
export function pictureText(question: string, imageTokens: number, answer?: string): string {
  const user = { role: "user", content: imageToken.repeat(imageTokens) + question } as const;
  if (answer === undefined) return renderChat([user], { addGenerationPrompt: true });
  return renderChat([user, { role: "assistant", content: answer }]);
}
