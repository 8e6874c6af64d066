import { byteAlphabet, toByteAlphabet } from "./byteAlphabet.ts";
import { mergePairs, type CountedWord } from "./mergePairs.ts";
import { specialToken, type TokenizerFiles, type TokenizerJson } from "./tokenizerJson.ts";

/** A token that stands for itself in a text and is never a part of another. */
export interface ReservedToken {
  readonly content: string;
  /** Whether decoding leaves it out, as it does marks of turns; default true. */
  readonly special?: boolean;
}

export interface TrainBytePairsOptions {
  /** Reserved tokens, 256 bytes and merges together. */
  vocabularySize: number;
  /** Get the ids from 0 on; none may contain another. */
  reserved: readonly ReservedToken[];
  /** The reserved token that ends what a model says. */
  endToken: string;
  /** The reserved token that fills sequences up. */
  padToken: string;
  /** Longest sequence that the model takes. */
  maxLength: number;
  /** Jinja template that turns messages into one text. */
  chatTemplate?: string;
  /** Cuts a text into pieces that are never merged; by default `bytePairPattern`. */
  pattern?: string;
  /** Pairs that occur less often are not merged; default 2. */
  minimumCount?: number;
}

/**
 * English contractions, words with the sign or space before them, single digits, other signs, line
 * ends, spaces. Every character is in exactly one piece.
 */
export const bytePairPattern: string = patternOf(
  String.raw`[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`,
);

/**
 * As `bytePairPattern`, but a word is a piece without the sign or space before it, so that it has the
 * same tokens in a sentence and in JSON: who copies it copies tokens, and need not know which tokens
 * of the one mean the same as which of the other. Only an underscore stays with its word,
 * where nothing but a space or a word is before it. Texts have about half as many tokens more, as
 * spaces are tokens.
 */
export const wordsApartPattern: string = patternOf(
  String.raw`_?[\p{L}\p{M}]+`,
  String.raw`[^\s\p{L}\p{N}]+[\r\n]*`,
);

function patternOf(word: string, signs: string): string {
  const contraction = String.raw`'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])(?!\p{L})`;
  const spaces = [String.raw`\s*[\r\n]+`, String.raw`\s+(?!\S)`, String.raw`\s+`];
  return [contraction, word, String.raw`\p{N}`, signs, ...spaces].join("|");
}

/**
 * Trains a byte-level byte-pair encoding: any text can be written, and is read back to the byte.
 * The order of the texts does not matter, nor how they are cut at their pieces' ends.
 *
 * Source: Sennrich et al. 2016, arXiv:1508.07909 (merges); Radford et al. 2019, "Language models are
 * unsupervised multitask learners", section 2.2 (bytes as the alphabet).
 *
 * @returns files as Hugging Face's libraries read them; the vocabulary is smaller than asked for
 *   when the texts hold too few pairs
 * @throws {RangeError} when the vocabulary has no room for reserved tokens and bytes
 */
export function trainBytePairs(
  texts: Iterable<string>,
  options: TrainBytePairsOptions,
): TokenizerFiles {
  const { vocabularySize, reserved, pattern = bytePairPattern, minimumCount = 2 } = options;
  checkOptions(options);
  const firstByte = reserved.length;
  const idOfLetter = new Map(byteAlphabet.map((letter, byte) => [letter, firstByte + byte]));
  const words = countPieces(texts, reserved, pattern).map(([piece, count]): CountedWord => ({
    symbols: Array.from(toByteAlphabet(piece), (letter) => idOfLetter.get(letter)!),
    count,
  }));
  const firstId = firstByte + byteAlphabet.length;
  const merges = mergePairs(words, { firstId, merges: vocabularySize - firstId, minimumCount });
  const entries = [...reserved.map(({ content }) => content), ...byteAlphabet];
  for (const [left, right] of merges) entries.push(entries[left]! + entries[right]!);
  const pairs = merges.map(([left, right]) => [entries[left]!, entries[right]!]);
  return filesOf(entries, pairs, pattern, options);
}

/** Pieces and how often they occur, sorted so that only the counts decide what is learnt. */
function countPieces(
  texts: Iterable<string>,
  reserved: readonly ReservedToken[],
  pattern: string,
): [piece: string, count: number][] {
  const counts = new Map<string, number>();
  const pieces = new RegExp(pattern, "gu");
  const between = new RegExp(reserved.map(({ content }) => escapePattern(content)).join("|"), "u");
  for (const text of texts) {
    const parts = reserved.length === 0 ? [text] : text.split(between);
    for (const part of parts) {
      for (const piece of part.match(pieces) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A pattern that finds a text as it is. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function checkOptions({
  vocabularySize,
  reserved,
  endToken,
  padToken,
}: TrainBytePairsOptions): void {
  const least = reserved.length + byteAlphabet.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < least) {
    throw new RangeError(
      `Cannot train byte pairs: vocabularySize must be an integer >= ${least} for ${reserved.length} reserved tokens and 256 bytes, got ${vocabularySize}`,
    );
  }
  const contents = reserved.map(({ content }) => content);
  for (const [i, content] of contents.entries()) {
    const within = contents.find((other, j) => i !== j && other.includes(content));
    if (within === undefined && content !== "") continue;
    throw new RangeError(
      `Cannot train byte pairs: expected reserved tokens of which none contains another, got "${content}" and "${within}"`,
    );
  }
  for (const token of [endToken, padToken]) {
    if (contents.includes(token)) continue;
    throw new RangeError(
      `Cannot train byte pairs: expected "${token}" among the reserved tokens, got ${contents.join(", ")}`,
    );
  }
}

function filesOf(
  entries: readonly string[],
  merges: readonly (readonly string[])[],
  pattern: string,
  { reserved, endToken, padToken, maxLength, chatTemplate }: TrainBytePairsOptions,
): TokenizerFiles {
  const tokenizer: TokenizerJson = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: reserved.map(({ content, special = true }, id) => ({
      ...specialToken(content, id),
      special,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
      merges,
    },
  };
  return {
    tokenizer,
    config: {
      bos_token: null,
      eos_token: endToken,
      unk_token: null,
      pad_token: padToken,
      model_max_length: maxLength,
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
    },
  };
}
