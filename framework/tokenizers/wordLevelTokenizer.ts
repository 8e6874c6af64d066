import {
  endToken,
  specialToken,
  startAndEnd,
  startToken,
  type TokenizerFiles,
} from "./tokenizerJson.ts";

export interface WordLevelOptions {
  /** Words of the captions, in any order; case does not matter. */
  words: Iterable<string>;
  /**
   * Words that no caption uses, such as `sks`: their embeddings are left for subjects to be
   * learnt later.
   */
  reservedTokens?: readonly string[];
  /** Longest sequence that the text encoder takes, start and end token included. */
  maxLength: number;
}

const unknownToken = "<unk>";

/** A run of letters, marks, digits and underscores, or a run of anything else but spaces. */
const wordPattern = String.raw`[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]+`;

/**
 * Words of a text as the word-level tokenizer sees them: lower case, split at spaces and around
 * punctuation. What it finds in every caption is the vocabulary.
 */
export function splitWords(text: string): string[] {
  return text.normalize("NFC").toLowerCase().match(new RegExp(wordPattern, "gu")) ?? [];
}

/**
 * A tokenizer with one id for each known word.
 *
 * Ids: `<unk>`, the reserved tokens as given, the other words sorted, start, end. The end token
 * pads, and has the highest id, so that both published rules for pooling (highest id, first end
 * token) find the same position.
 *
 * The published "Whitespace" splitting is not used, because its JavaScript version cuts words at
 * letters outside ASCII ("piñata"); the pattern here means the same everywhere.
 *
 * @throws {RangeError} when a word could never be found, because it would be split
 */
export function wordLevelTokenizer({
  words,
  reservedTokens = [],
  maxLength,
}: WordLevelOptions): TokenizerFiles {
  const reserved = reservedTokens.map(checkWord);
  const known = [...new Set(Array.from(words, checkWord))]
    .filter((word) => !reserved.includes(word))
    .toSorted((a, b) => (a < b ? -1 : 1));
  const tokens = [unknownToken, ...new Set(reserved), ...known, startToken, endToken];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const startId = tokens.length - 2;
  const endId = tokens.length - 1;
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: [
        specialToken(unknownToken, 0),
        specialToken(startToken, startId),
        specialToken(endToken, endId),
      ],
      normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Lowercase" }] },
      pre_tokenizer: {
        type: "Split",
        pattern: { Regex: wordPattern },
        behavior: "Removed",
        invert: true,
      },
      post_processor: startAndEnd(startId, endId),
      decoder: null,
      model: { type: "WordLevel", vocab, unk_token: unknownToken },
    },
    config: {
      bos_token: startToken,
      eos_token: endToken,
      unk_token: unknownToken,
      pad_token: endToken,
      model_max_length: maxLength,
      tokenizer_class: "PreTrainedTokenizerFast",
    },
  };
}

function checkWord(word: string): string {
  const parts = splitWords(word);
  if (parts.length === 1 && parts[0] === word.normalize("NFC").toLowerCase()) return parts[0];
  throw new RangeError(
    `Cannot put "${word}" into a vocabulary: expected one word, got ${JSON.stringify(parts)}; split the text with splitWords()`,
  );
}
