import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import {
  InputError,
  readDecoderConfig,
  readIdefics3Config,
  readModelFolder,
  writeFileAtomic,
  type DecoderWeights,
} from "seedbed";

import type { NanoData } from "./data/buildNanoData.ts";

/** @throws {InputError} for what is no language model, or one of another vocabulary */
export function checkVocabulary(folder: string, expected: number): void {
  const size = vocabularySizeOf(folder);
  if (size === expected) return;
  throw new InputError(
    `Cannot train with ${folder}: expected a vocabulary of ${expected} entries, as data.vocabularySize asks for, got ${size}`,
  );
}

function vocabularySizeOf(folder: string): number {
  const { config } = readModelFolder(folder);
  try {
    const text = "vision_config" in config ? readIdefics3Config(config).text_config : config;
    return readDecoderConfig(text).vocab_size;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot train with ${folder}: ${reason}`, { cause });
  }
}

/** @throws {InputError} when a model's folder has another tokenizer: its ids mean other texts */
export function checkTokenizer(folder: string, data: NanoData): void {
  const file = path.join(folder, "tokenizer.json");
  const expected = readFileSync(path.join(data.folder, "tokenizer/tokenizer.json"), "utf8");
  if (!existsSync(file) || readFileSync(file, "utf8") === expected) return;
  throw new InputError(
    `Cannot train with ${folder}: expected the tokenizer of these data, got another; give the data settings that the model was trained with`,
  );
}

/**
 * A language model of a folder, to be cut or put into codes.
 *
 * @throws {InputError} when there is none
 */
export function readWeights(folder: string): DecoderWeights {
  const { config, tensors } = readModelFolder(folder);
  return { config: { ...Object(config) }, tensors };
}

/** Say what a model is to be given of a picture. */
export const processorFiles: readonly string[] = [
  ...["preprocessor_config.json", "processor_config.json"],
];

/** What a model is to be given of a picture, where its folder says. */
export function copyProcessor(from: string, to: string): void {
  for (const name of processorFiles) {
    const file = path.join(from, name);
    if (existsSync(file)) writeFileAtomic(path.join(to, name), readFileSync(file));
  }
}

/** A model's folder has what its texts are encoded with. */
export function copyTokenizer({ folder: from, manifest }: NanoData, to: string): void {
  for (const file of Object.keys(manifest.files).filter((name) => name.startsWith("tokenizer/"))) {
    writeFileAtomic(path.join(to, path.basename(file)), readFileSync(path.join(from, file)));
  }
}
