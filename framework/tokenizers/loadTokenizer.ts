import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { Tokenizer } from "./tokenizer.ts";
import { tokenizerContent } from "./tokenizerContent.ts";
import type { TokenizerFiles } from "./tokenizerJson.ts";

/** A tokenizer, and what it was made of. */
export interface OpenedTokenizer {
  readonly tokenizer: Tokenizer;
  /** Texts of the files that were read, by name: `tokenizerContent` makes the same of them. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Reads a tokenizer folder, with the files that `tokenizerContent` knows.
 *
 * @throws {InputError} when files are missing or corrupt
 */
export function loadTokenizer(folder: string): Tokenizer {
  return openTokenizer(folder).tokenizer;
}

/**
 * As {@link loadTokenizer}, with the files that were read.
 *
 * @throws {InputError} when files are missing or corrupt
 */
export function openTokenizer(folder: string): OpenedTokenizer {
  const files = new Map<string, string>();
  const textOf = (name: string): string | undefined => {
    const file = path.join(folder, name);
    if (existsSync(file)) files.set(name, readFileSync(file, "utf8"));
    return files.get(name);
  };
  const whole = path.join(folder, "tokenizer.json");
  const tokenizer = build(existsSync(whole) ? whole : folder, () => {
    const content = tokenizerContent(folder, textOf);
    return new Tokenizer(content.tokenizer, content.config);
  });
  return { tokenizer, files };
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
