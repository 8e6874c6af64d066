import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { clipTokenizer, clipTokenizerConfig } from "./clipTokenizer.ts";
import { Tokenizer } from "./tokenizer.ts";
import type { TokenizerFiles } from "./tokenizerJson.ts";

/**
 * Reads a tokenizer folder: `tokenizer.json`, or CLIP's older `vocab.json` and `merges.txt`; and
 * `tokenizer_config.json` where there is one.
 *
 * @throws {InputError} when files are missing or corrupt
 */
export function loadTokenizer(folder: string): Tokenizer {
  const at = (name: string): string => path.join(folder, name);
  const config = existsSync(at("tokenizer_config.json"))
    ? readJson(at("tokenizer_config.json"))
    : {};
  if (existsSync(at("tokenizer.json"))) {
    const file = at("tokenizer.json");
    return build(file, () => new Tokenizer(readJson(file), config));
  }
  const missing = ["vocab.json", "merges.txt"].filter((name) => !existsSync(at(name)));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot read tokenizer ${folder}: expected tokenizer.json, or vocab.json and merges.txt; missing tokenizer.json, ${missing.join(", ")}`,
    );
  }
  const vocab = readVocabulary(at("vocab.json"));
  const merges = readFileSync(at("merges.txt"), "utf8");
  return build(folder, () => {
    return new Tokenizer(clipTokenizer(vocab, merges), { ...clipTokenizerConfig, ...config });
  });
}

/** The files of a tokenizer folder as texts, by name. */
export function tokenizerTexts({ tokenizer, config }: TokenizerFiles): Map<string, string> {
  const text = (value: object): string => `${JSON.stringify(value, undefined, 1)}\n`;
  return new Map([
    ["tokenizer.json", text(tokenizer)],
    ["tokenizer_config.json", text(config)],
  ]);
}

function build(source: string, make: () => Tokenizer): Tokenizer {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read tokenizer ${source}: ${reason}`, { cause });
  }
}

function readJson(file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read tokenizer ${file}: ${reason}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new InputError(`Cannot read tokenizer ${file}: expected a JSON object`);
}

function readVocabulary(file: string): Record<string, number> {
  const vocabulary: Record<string, number> = {};
  for (const [token, id] of Object.entries(readJson(file))) {
    if (!Number.isInteger(id) || id < 0) {
      throw new InputError(
        `Cannot read tokenizer ${file}: id of "${token}" must be an integer >= 0, got ${JSON.stringify(id)}`,
      );
    }
    vocabulary[token] = id;
  }
  return vocabulary;
}
