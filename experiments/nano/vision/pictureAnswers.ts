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
  type Idefics3Config,
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

/** What looks at pictures for a text. */
export interface PictureSight {
  readonly config: Pick<Idefics3Config, "image_token_id">;
  readonly tokensPerFrame: number;
  /** `[frames, channels, height, width]` as `[frames, tokens, hidden_size of the text]`. */
  readonly features: (pixels: HostTensor) => Promise<HostTensor>;
}

/** A model's own, on the backend of TF.js. */
export function encoderSight(encoder: PictureEncoder): PictureSight {
  const { config, tokensPerFrame } = encoder;
  const features = async (pixels: HostTensor): Promise<HostTensor> => {
    const seen = tf.tidy(() => encoder.features({ pixels: toTensor(pixels) }).features);
    const values = await seen.data<"float32">();
    seen.dispose();
    return hostTensor(values, seen.shape);
  };
  return { config, tokensPerFrame, features };
}

export interface PictureAnswersOptions {
  readonly sight: PictureSight;
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
  { sight, engine, tokenizer, length = 24, signal }: PictureAnswersOptions,
): Promise<string[]> {
  const prompts: GenerationPrompt[] = [];
  for (let start = 0; start < asked.length; start += batchSize) {
    signal?.throwIfAborted();
    const some = asked.slice(start, start + batchSize);
    const features = await pictureFeatures(sight, some);
    for (const [i, { question }] of some.entries()) {
      const tokens = tokenizer.textIds(pictureText(question, sight.tokensPerFrame));
      const replacements = imageReplacements(tokens, features[i]!, sight.config);
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
  sight: PictureSight,
  asked: readonly AskedPicture[],
): Promise<HostTensor[]> {
  const frames = asked.map(({ picture }) => pixelsOf(picture).values);
  const size = 3 * pictureSize * pictureSize;
  const pixels = new Float32Array(frames.length * size);
  for (const [i, frame] of frames.entries()) pixels.set(frame, i * size);
  const shape = [frames.length, 3, pictureSize, pictureSize];
  const { values, shape: seen } = await sight.features(hostTensor(pixels, shape));
  const [, tokens = 0, width = 0] = seen;
  const each = tokens * width;
  return frames.map((_, i) =>
    hostTensor(values.subarray(i * each, (i + 1) * each), [1, tokens, width]),
  );
}
