import {
  endToken,
  specialToken,
  startAndEnd,
  startToken,
  type TokenizerConfig,
  type TokenizerJson,
  type TokenizerModel,
} from "./tokenizerJson.ts";

/** How CLIP cuts a text before byte-pair encoding: contractions, words, single digits, the rest. */
const clipPattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** Settings of CLIP ViT-L/14's tokenizer, for folders without a `tokenizer_config.json`. */
export const clipTokenizerConfig: TokenizerConfig = {
  bos_token: startToken,
  eos_token: endToken,
  unk_token: endToken,
  pad_token: endToken,
  model_max_length: 77,
  tokenizer_class: "CLIPTokenizer",
};

/**
 * Lower case of each letter by itself. JavaScript's would write a sigma that ends a word otherwise,
 * and CLIP was trained with the published tokenizer's.
 */
export const exactLowercase: readonly object[] = [
  { type: "Replace", pattern: { String: "Σ" }, content: "σ" },
  { type: "Lowercase" },
];

/**
 * CLIP's tokenizer in Hugging Face's format, from the two files of its older format.
 *
 * Source: Radford et al. 2021, arXiv:2103.00020, section 2.4: lower-cased byte-pair encoding.
 *
 * @param vocab content of `vocab.json`
 * @param merges content of `merges.txt`: a version line, then one pair a line, best first
 * @param added tokens beside the vocabulary, as `tokenizer.json` describes them
 * @throws {RangeError} when the vocabulary lacks the start or the end token
 */
export function clipTokenizer(
  vocab: Readonly<Record<string, number>>,
  merges: string,
  added: readonly object[] = [],
): TokenizerJson {
  const startId = vocab[startToken];
  const endId = vocab[endToken];
  if (startId === undefined || endId === undefined) {
    throw new RangeError(
      `Cannot build CLIP's tokenizer: the vocabulary must hold ${startToken} and ${endToken}`,
    );
  }
  const pairs = merges
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#version"))
    .map((line) => line.split(" "));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [specialToken(startToken, startId), specialToken(endToken, endId), ...added],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: String.raw`\s+` }, content: " " },
        ...exactLowercase,
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: clipPattern }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: startAndEnd(startId, endId),
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: clipModel(vocab, pairs),
  };
}

function clipModel(
  vocab: Readonly<Record<string, number>>,
  merges: readonly (readonly string[])[],
): TokenizerModel {
  return {
    type: "BPE",
    dropout: null,
    unk_token: endToken,
    continuing_subword_prefix: "",
    end_of_word_suffix: "</w>",
    fuse_unk: false,
    vocab,
    merges,
  };
}
