import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { Tokenizer } from "./tokenizer.ts";
import { tokenizerContent } from "./tokenizerContent.ts";
import type { TokenizerFiles } from "./tokenizerJson.ts";

/**
 * Reads a tokenizer folder, with the files that `tokenizerContent` knows.
 *
 * @throws {InputError} when files are missing or corrupt
 */
export function loadTokenizer(folder: string): Tokenizer {
  const textOf = (name: string): string | undefined => {
    const file = path.join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  const whole = path.join(folder, "tokenizer.json");
  return build(existsSync(whole) ? whole : folder, () => {
    const { tokenizer, config } = tokenizerContent(folder, textOf);
    return new Tokenizer(tokenizer, config);
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
