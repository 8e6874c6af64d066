import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import {
  InputError,
  loadTokenizer,
  pieceEncoder,
  reservedTokensOf,
  Tokenizer,
  tokenizerTexts,
  trainBytePairs,
  wordsApartPattern,
} from "seedbed";

import { chatTemplate, endOfText, endOfTurn, reservedTokens, startOfTurn } from "./chat.ts";
import type { Texts } from "./gatherTexts.ts";
import type { NanoSettings } from "./nanoSettings.ts";

/** What texts are encoded with, and its files. */
export interface DataTokenizer {
  readonly tokenizer: Tokenizer;
  readonly encode: (text: string) => number[];
  readonly files: ReadonlyMap<string, string>;
}

/** The given tokenizer, or one that learns from the training texts. */
export function dataTokenizer(
  texts: Pick<Texts, "trainTexts">,
  settings: NanoSettings,
): DataTokenizer {
  return settings.tokenizer === null
    ? trainedTokenizer(texts, settings)
    : givenTokenizer(settings.tokenizer);
}

function trainedTokenizer(
  texts: Pick<Texts, "trainTexts">,
  { vocabularySize, maxLength }: NanoSettings,
): DataTokenizer {
  const files = trainBytePairs(texts.trainTexts(), {
    vocabularySize,
    maxLength,
    reserved: reservedTokens,
    endToken: endOfTurn,
    padToken: endOfText,
    chatTemplate,
    pattern: wordsApartPattern,
  });
  const tokenizer = new Tokenizer(files.tokenizer, files.config);
  const encode = pieceEncoder(tokenizer, {
    pattern: wordsApartPattern,
    reserved: reservedTokensOf(files.tokenizer),
  });
  return { tokenizer, encode, files: tokenizerTexts(files) };
}

/** Texts of a tokenizer's folder that make a data set of their own. */
export const tokenizerFiles: readonly string[] = ["tokenizer.json", "tokenizer_config.json"];

/** @throws {InputError} when there is none, or it does not know the marks of turns and texts */
function givenTokenizer(folder: string): DataTokenizer {
  const tokenizer = loadTokenizer(folder);
  const missing = [startOfTurn, endOfTurn, endOfText].filter(
    (mark) => tokenizer.idOf(mark) === undefined,
  );
  if (missing.length > 0 || tokenizer.ids.pad === undefined) {
    const lacks = missing.length > 0 ? missing.join(", ") : "a token to pad with";
    throw new InputError(
      `Cannot encode nano's data with ${folder}: expected a tokenizer of ChatML, got one without ${lacks}`,
    );
  }
  const files = tokenizerFiles
    .filter((name) => existsSync(path.join(folder, name)))
    .map((name) => [name, readFileSync(path.join(folder, name), "utf8")] as const);
  return { tokenizer, encode: (text) => tokenizer.textIds(text), files: new Map(files) };
}
