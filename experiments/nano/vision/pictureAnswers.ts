import * as tf from "@tensorflow/tfjs";
import {
  DecodeEngine,
  generate,
  hostTensor,
  imageReplacements,
  sharedParameters,
  toTensor,
  type GenerationPrompt,
  type HostTensor,
  type Idefics3,
  type PictureEncoder,
  type Tokenizer,
} from "seedbed";

import { endOfTurn } from "../data/chat.ts";
import { pictureSize, type Picture } from "../pictures/picture.ts";
import { pixelsOf } from "./pictureDataset.ts";
import { pictureText } from "./pictureText.ts";

/** Pictures that are looked at at a time. */
const batchSize = 32;

/** An engine for the text of a model that sees pictures, with the arrays of its parameters. */
export function pictureEngine(model: Idefics3, rows: number): DecodeEngine {
  return new DecodeEngine({
    config: model.text.config,
    weights: sharedParameters(model.parameters),
    prefix: "model.text_model",
    takesEmbeddings: true,
    rows,
  });
}

/** What is asked of a picture. */
export interface AskedPicture {
  readonly picture: Pick<Picture, "rgb">;
  readonly question: string;
}

export interface PictureAnswersOptions {
  readonly encoder: PictureEncoder;
  /** Of the text, that takes embeddings. */
  readonly engine: DecodeEngine;
  readonly tokenizer: Tokenizer;
  /** Most tokens of an answer. Default: 24. */
  readonly length?: number;
  readonly signal?: AbortSignal;
}

/** What a model answers to questions about pictures, always saying what it thinks likeliest. */
export async function pictureAnswers(
  asked: readonly AskedPicture[],
  { encoder, engine, tokenizer, length = 24, signal }: PictureAnswersOptions,
): Promise<string[]> {
  const prompts: GenerationPrompt[] = [];
  for (let start = 0; start < asked.length; start += batchSize) {
    signal?.throwIfAborted();
    const some = asked.slice(start, start + batchSize);
    const features = await pictureFeatures(encoder, some);
    for (const [i, { question }] of some.entries()) {
      const tokens = tokenizer.textIds(pictureText(question, encoder.tokensPerFrame));
      const replacements = imageReplacements(tokens, features[i]!, encoder.config);
      prompts.push({ tokens, replacements });
    }
  }
  const stopTokens = [tokenizer.idOf(endOfTurn)!];
  const options = { prompts, maxNewTokens: length, stopTokens, ...(signal && { signal }) };
  const said = prompts.length === 0 ? [] : await generate(engine, options);
  return said.map(({ tokens }) => tokenizer.decode(tokens));
}

/** What the text is given of each picture, `[1, tokens, hidden_size]`. */
async function pictureFeatures(
  encoder: PictureEncoder,
  asked: readonly AskedPicture[],
): Promise<HostTensor[]> {
  const frames = asked.map(({ picture }) => pixelsOf(picture).values);
  const size = 3 * pictureSize * pictureSize;
  const pixels = new Float32Array(frames.length * size);
  for (const [i, frame] of frames.entries()) pixels.set(frame, i * size);
  const features = tf.tidy(() => {
    const batch = toTensor(hostTensor(pixels, [frames.length, 3, pictureSize, pictureSize]));
    return encoder.features({ pixels: batch }).features;
  });
  const values = await features.data<"float32">();
  const [, tokens, width] = features.shape;
  features.dispose();
  const each = tokens * width;
  return frames.map((_, i) =>
    hostTensor(values.subarray(i * each, (i + 1) * each), [1, tokens, width]),
  );
}
