import * as huggingFace from "@huggingface/tokenizers";

import { checkTokenIds } from "./checkTokenIds.ts";

/** What we use of the package, whose own types do not resolve under Node's module rules. */
interface Implementation {
  encode(text: string, options?: { add_special_tokens: boolean }): { ids: number[] };
  tokenize(text: string): string[];
  decode(ids: number[], options: { skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
  get_vocab(): Map<string, number>;
}

const HuggingFaceTokenizer: new (tokenizer: object, config: object) => Implementation =
  huggingFace.Tokenizer;

export interface EncodeOptions {
  /** Longer texts lose their last words; start and end token stay. */
  maxLength?: number;
  /** Shorter texts are followed by the pad token. */
  padTo?: number;
}

export interface DecodeOptions {
  /** Spell special tokens out. Default: false. */
  keepSpecialTokens?: boolean;
}

/** Ids that mean more than a piece of text. */
export interface SpecialIds {
  /** Begins every text, where the tokenizer has such a token. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** Fills a text up to a length. */
  readonly pad: number | undefined;
}

/** Turns texts into ids. Made by `loadTokenizer` or from the files of a builder. */
export class Tokenizer {
  readonly #implementation: Implementation;
  /** The highest id + 1: rows of the embedding table. */
  readonly vocabularySize: number;
  readonly ids: SpecialIds;
  /** Longest sequence that the text encoder takes; infinite if the files do not say. */
  readonly maxLength: number;

  /**
   * @param tokenizer content of `tokenizer.json`
   * @param config content of `tokenizer_config.json`
   * @throws {Error} when the content is not a tokenizer
   */
  constructor(tokenizer: object, config: object) {
    checkTokenIds(tokenizer);
    const entries = new Map<string, unknown>(Object.entries(config));
    const tokens = Object.fromEntries(
      ["bos_token", "eos_token", "pad_token"].map((key) => [key, contentOf(entries.get(key))]),
    );
    const unknown = contentOf(entries.get("unk_token")) ?? unknownTokenOf(tokenizer);
    this.#implementation = new HuggingFaceTokenizer(tokenizer, {
      ...config,
      ...tokens,
      unk_token: unknown,
    });
    this.vocabularySize = [...this.#implementation.get_vocab().values()].reduce(
      (size, id) => Math.max(size, id + 1),
      0,
    );
    this.ids = {
      start: this.idOf(tokens["bos_token"]),
      end: this.idOf(tokens["eos_token"]),
      pad: this.idOf(tokens["pad_token"]),
    };
    const maxLength = entries.get("model_max_length");
    this.maxLength = typeof maxLength === "number" && maxLength < 1e9 ? maxLength : Infinity;
  }

  /** The id of one token, spelled as in the vocabulary. */
  idOf(token: string | undefined): number | undefined {
    return token === undefined ? undefined : this.#implementation.token_to_id(token);
  }

  /** The text that is encoded for a given one; what is derived may spell tokens out. */
  protected prepare(text: string): string {
    return text;
  }

  /**
   * Ids of a text with its start and end token.
   *
   * @throws {RangeError} when the lengths leave no room, or padding is asked for without a token
   */
  encode(
    text: string,
    { padTo, maxLength = padTo ?? this.maxLength }: EncodeOptions = {},
  ): Int32Array {
    const ids = this.#truncate(this.prepare(text), maxLength);
    if (padTo === undefined) return Int32Array.from(ids);
    if (ids.length > padTo) {
      throw new RangeError(
        `Cannot encode "${text}": expected at most ${padTo} tokens, got ${ids.length}; give a maxLength`,
      );
    }
    if (this.ids.pad === undefined) {
      throw new RangeError(`Cannot pad "${text}": the tokenizer has no pad token`);
    }
    const padded = new Int32Array(padTo).fill(this.ids.pad);
    padded.set(ids);
    return padded;
  }

  /** Ids of a text without start and end token, however long. */
  textIds(text: string): number[] {
    return this.#bareIds(this.prepare(text));
  }

  /** Text of ids, without start, end, pad and other special tokens unless told otherwise. */
  decode(ids: Iterable<number>, { keepSpecialTokens = false }: DecodeOptions = {}): string {
    const list = [...ids];
    if (list.length === 0) return "";
    return this.#implementation.decode(list, { skip_special_tokens: !keepSpecialTokens });
  }

  /** Words of a text that the vocabulary lacks, each once, as they were split; for warnings. */
  unknownWords(text: string): string[] {
    const tokens = this.#implementation.tokenize(this.prepare(text));
    return [...new Set(tokens)].filter((token) => this.idOf(token) === undefined);
  }

  #bareIds(prepared: string): number[] {
    return this.#implementation.encode(prepared, { add_special_tokens: false }).ids;
  }

  #truncate(text: string, maxLength: number): readonly number[] {
    const whole = this.#implementation.encode(text).ids;
    if (whole.length <= maxLength) return whole;
    const bare = this.#bareIds(text);
    const added = whole.length - bare.length;
    if (added > maxLength) {
      throw new RangeError(
        `Cannot encode "${text}": maxLength must be >= ${added} for the start and end token, got ${maxLength}`,
      );
    }
    const before = this.ids.start !== undefined && whole[0] === this.ids.start ? 1 : 0;
    const prefix = Math.min(before, added);
    return [
      ...whole.slice(0, prefix),
      ...bare.slice(0, maxLength - added),
      ...whole.slice(prefix + bare.length),
    ];
  }
}

/** Configurations spell a token as text, or as an object with its `content`. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  if (typeof token !== "object" || token === null || !("content" in token)) return undefined;
  return typeof token.content === "string" ? token.content : undefined;
}

function unknownTokenOf(tokenizer: object): string | undefined {
  if (!("model" in tokenizer)) return undefined;
  const { model } = tokenizer;
  if (typeof model !== "object" || model === null || !("unk_token" in model)) return undefined;
  return contentOf(model.unk_token);
}
