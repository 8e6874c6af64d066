import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { clipTokenizer, clipTokenizerConfig, exactLowercase } from "./clipTokenizer.ts";
import { Tokenizer } from "./tokenizer.ts";
import { addedToken, type TokenizerFiles } from "./tokenizerJson.ts";

/**
 * Reads a tokenizer folder: `tokenizer.json`, or CLIP's older `vocab.json`, `merges.txt` and
 * `added_tokens.json`; `tokenizer_config.json` where there is one, and `special_tokens_map.json`,
 * which overrides it, unless it is of the newer kind that lists all added tokens.
 *
 * @throws {InputError} when files are missing or corrupt
 */
export function loadTokenizer(folder: string): Tokenizer {
  const at = (name: string): string => path.join(folder, name);
  const optional = (name: string): object => (existsSync(at(name)) ? readJson(at(name)) : {});
  const given = optional("tokenizer_config.json");
  const config = "added_tokens_decoder" in given ? given : { ...given, ...optional(specialTokens) };
  if (existsSync(at("tokenizer.json"))) {
    const file = at("tokenizer.json");
    return build(file, () => new Tokenizer(withExactLowercase(readJson(file)), config));
  }
  const missing = ["vocab.json", "merges.txt"].filter((name) => !existsSync(at(name)));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot read tokenizer ${folder}: expected tokenizer.json, or vocab.json and merges.txt; missing tokenizer.json, ${missing.join(", ")}`,
    );
  }
  const vocab = readVocabulary(at("vocab.json"));
  const merges = readFileSync(at("merges.txt"), "utf8");
  const addedFile = at("added_tokens.json");
  const added = existsSync(addedFile) ? readVocabulary(addedFile) : {};
  return build(folder, () => {
    const tokens = addedTokens(config, added).filter(({ content }) => !(content in vocab));
    const tokenizer = clipTokenizer(vocab, merges, tokens);
    return new Tokenizer(tokenizer, { ...clipTokenizerConfig, ...config });
  });
}

const specialTokens = "special_tokens_map.json";

/** Tokens that were added to a published vocabulary, such as those of textual inversion. */
function addedTokens(
  config: object,
  added: Readonly<Record<string, number>>,
): { content: string; id: number }[] {
  const listed = Object.entries(added).map(([content, id]) => addedToken(content, id));
  if (!("added_tokens_decoder" in config)) return listed;
  const described: object = Object(config.added_tokens_decoder);
  return Object.entries(described).map(([id, token]: [string, unknown]) => {
    if (typeof token === "object" && token !== null && "content" in token) {
      return { ...token, content: String(token.content), id: Number(id) };
    }
    throw new RangeError(`added_tokens_decoder: expected a token with content for id ${id}`);
  });
}

/** `tokenizer.json` of a byte-pair encoding whose letters become lower case as published. */
function withExactLowercase(tokenizer: object): object {
  const { normalizer, model } = { normalizer: undefined, model: undefined, ...tokenizer };
  const isPairs = Object(model).type === "BPE";
  if (!isPairs || Object(normalizer).type !== "Sequence") return tokenizer;
  const { normalizers } = Object(normalizer);
  if (!Array.isArray(normalizers)) return tokenizer;
  const exact = normalizers.flatMap((each: unknown) =>
    Object(each).type === "Lowercase" ? exactLowercase : [each],
  );
  return { ...tokenizer, normalizer: { type: "Sequence", normalizers: exact } };
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
