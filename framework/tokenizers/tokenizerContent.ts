import path from "node:path";

import { InputError } from "../base/errors.ts";
import { shown } from "../base/shown.ts";
import { clipTokenizer, clipTokenizerConfig, exactLowercase } from "./clipTokenizer.ts";
import { addedToken } from "./tokenizerJson.ts";

/** What the files of a tokenizer folder stand for, as a `Tokenizer` takes it. */
export interface TokenizerContent {
  /** As `tokenizer.json` has it. */
  readonly tokenizer: object;
  /** As `tokenizer_config.json` has it. */
  readonly config: object;
}

/** The text of a file of the folder; undefined if there is none of this name. */
export type TextOf = (name: string) => string | undefined;

/**
 * Reads the files of a tokenizer folder: `tokenizer.json`, or CLIP's older `vocab.json`,
 * `merges.txt` and `added_tokens.json`; `tokenizer_config.json` where there is one, and
 * `special_tokens_map.json`, which overrides it, unless it is of the newer kind that lists all added
 * tokens.
 *
 * @param folder for messages
 * @throws {Error} when files are missing or corrupt
 */
export function tokenizerContent(folder: string, textOf: TextOf): TokenizerContent {
  const read = (name: string): object | undefined => {
    const text = textOf(name);
    return text === undefined ? undefined : parseObject(path.join(folder, name), text);
  };
  const vocabulary = (name: string): Record<string, number> | undefined => {
    const entries = read(name);
    return entries && checkedVocabulary(path.join(folder, name), entries);
  };
  const given = read("tokenizer_config.json") ?? {};
  const config =
    "added_tokens_decoder" in given ? given : { ...given, ...read("special_tokens_map.json") };
  const tokenizer = read("tokenizer.json");
  if (tokenizer) return { tokenizer: withExactLowercase(tokenizer), config };
  const [vocab, merges] = [vocabulary("vocab.json"), textOf("merges.txt")];
  if (vocab === undefined || merges === undefined) {
    const missing = Object.entries({ "vocab.json": vocab, "merges.txt": merges })
      .filter(([, content]) => content === undefined)
      .map(([name]) => name);
    throw new InputError(
      `Cannot read tokenizer ${folder}: expected tokenizer.json, or vocab.json and merges.txt; missing tokenizer.json, ${missing.join(", ")}`,
    );
  }
  const tokens = addedTokens(config, vocabulary("added_tokens.json") ?? {});
  return {
    tokenizer: clipTokenizer(
      vocab,
      merges,
      tokens.filter(({ content }) => !(content in vocab)),
    ),
    config: { ...clipTokenizerConfig, ...config },
  };
}

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

function parseObject(file: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read tokenizer ${file}: ${reason}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new InputError(`Cannot read tokenizer ${file}: expected a JSON object`);
}

function checkedVocabulary(file: string, entries: object): Record<string, number> {
  for (const [token, id] of Object.entries(entries)) {
    if (!Number.isInteger(id) || id < 0) {
      throw new InputError(
        `Cannot read tokenizer ${file}: id of "${token}" must be an integer >= 0, got ${shown(id)}`,
      );
    }
  }
  return Object.fromEntries(Object.entries(entries)); // also a token "__proto__"
}
