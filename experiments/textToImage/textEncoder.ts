import {
  ClipTextEncoder,
  InputError,
  loadTextEncoder,
  Tokenizer,
  tokenizerTexts,
  wordLevelTokenizer,
  type ConfiguredModel,
  type TextFiles,
} from "seedbed";

import { captionWords, reservedTokens } from "./captions.ts";

/** A text encoder and the tokenizer of the captions' words that it reads. */
export interface CaptionEncoder {
  textEncoder: ConfiguredModel<ClipTextEncoder>;
  tokenizer: Tokenizer;
  tokenizerFiles: TextFiles;
}

function captionTokenizer(maxLength: number): Omit<CaptionEncoder, "textEncoder"> {
  const files = wordLevelTokenizer({ words: captionWords(), reservedTokens, maxLength });
  return {
    tokenizer: new Tokenizer(files.tokenizer, files.config),
    tokenizerFiles: tokenizerTexts(files),
  };
}

/** @param keys of transformers' `config.json`; those that the vocabulary decides are added */
export function newCaptionEncoder(
  keys: Readonly<Record<string, unknown>>,
  seed: number | null,
): CaptionEncoder {
  const words = captionTokenizer(Number(keys["max_position_embeddings"]));
  const { tokenizer } = words;
  const config = {
    architectures: ["CLIPTextModel"],
    model_type: "clip_text_model",
    ...keys,
    vocab_size: tokenizer.vocabularySize,
    bos_token_id: tokenizer.ids.start,
    eos_token_id: tokenizer.ids.end,
    pad_token_id: tokenizer.ids.pad,
  };
  const model = new ClipTextEncoder(config, { seed, zeroResiduals: true });
  return { ...words, textEncoder: { model, config } };
}

/**
 * Reads the text encoder of a pipeline folder.
 *
 * @throws {InputError} when it was trained on another vocabulary
 */
export function readCaptionEncoder(folder: string): CaptionEncoder {
  const textEncoder = loadTextEncoder(folder);
  const { vocab_size, max_position_embeddings } = textEncoder.model.config;
  const words = captionTokenizer(max_position_embeddings);
  if (vocab_size === words.tokenizer.vocabularySize) return { ...words, textEncoder };
  textEncoder.model.dispose();
  throw new InputError(
    `Cannot use the text encoder of ${folder}: expected a vocabulary of ${words.tokenizer.vocabularySize} tokens, that of the captions, got ${vocab_size}`,
  );
}
