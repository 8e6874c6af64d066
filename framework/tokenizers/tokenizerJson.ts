/** The two files of a tokenizer folder, in Hugging Face's format. */
export interface TokenizerFiles {
  /** Content of `tokenizer.json`. */
  readonly tokenizer: TokenizerJson;
  /** Content of `tokenizer_config.json`. */
  readonly config: TokenizerConfig;
}

/** What we write of `tokenizer.json`; a file that we read may hold any other parts. */
export interface TokenizerJson {
  readonly version: string;
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly object[];
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly post_processor: object | null;
  readonly decoder: object | null;
  readonly model: TokenizerModel;
}

/** The vocabulary and how words become its entries; other keys depend on the type. */
export interface TokenizerModel {
  readonly type: "WordLevel" | "BPE";
  readonly vocab: Readonly<Record<string, number>>;
  /** Null where every text can be written with the vocabulary. */
  readonly unk_token: string | null;
  readonly [key: string]: unknown;
}

/** The keys of `tokenizer_config.json` that we read. */
export interface TokenizerConfig {
  readonly bos_token: string | null;
  readonly eos_token: string | null;
  readonly unk_token: string | null;
  readonly pad_token: string | null;
  /** Longest sequence that the text encoder takes, start and end token included. */
  readonly model_max_length: number;
  readonly tokenizer_class: string;
  /** Must be false for a decoded text to be the encoded one: published code drops spaces otherwise. */
  readonly clean_up_tokenization_spaces?: boolean;
  /** Jinja template that turns messages into one text. */
  readonly chat_template?: string;
}

export const startToken = "<|startoftext|>";
export const endToken = "<|endoftext|>";

/** Start token, text, end token. */
export function startAndEnd(startId: number, endId: number): object {
  const special = (id: string, tokenId: number): object => ({ id, ids: [tokenId], tokens: [id] });
  const start = { SpecialToken: { id: startToken, type_id: 0 } };
  const end = { SpecialToken: { id: endToken, type_id: 0 } };
  const text = (id: string): object => ({ Sequence: { id, type_id: 0 } });
  return {
    type: "TemplateProcessing",
    single: [start, text("A"), end],
    pair: [start, text("A"), end, start, text("B"), end],
    special_tokens: {
      [startToken]: special(startToken, startId),
      [endToken]: special(endToken, endId),
    },
  };
}

/** A token beside the vocabulary that is found in the text after it was made lower case. */
export function addedToken(content: string, id: number): { content: string; id: number } {
  return { ...specialToken(content, id), ...{ content, id, normalized: true, special: false } };
}

/** A token that stands for itself anywhere in a text, whatever the letters around it. */
export function specialToken(content: string, id: number): object {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}
