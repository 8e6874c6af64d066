import { writeFileSync } from "node:fs";
import path from "node:path";

import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import { tokenBytes } from "../../../framework/tokenizers/tokenBytes.ts";
import { wordLevelTokenizer } from "../../../framework/tokenizers/wordLevelTokenizer.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { joined, parted, scratch } from "../scratch.ts";

const files = ["tokenizer.json", "tokenizer_config.json"].map((name) => scratch("tokenizer", name));
const small = wordLevelTokenizer({ words: ["a", "dog"], maxLength: 16 });
const pairs = {
  added_tokens: [{ id: 5, content: "<|end|>", special: true }],
  normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Lowercase" }] },
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
  post_processor: { type: "ByteLevel" },
  decoder: { type: "ByteLevel" },
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2, Ġ: 3, Ġa: 4 }, merges: ["a b", "Ġ a"] },
};

/** `tokenizer.json` and `tokenizer_config.json`. */
export const target: FuzzTarget = {
  name: "tokenizer",
  covers: ["framework/tokenizers/"],
  seeds: [
    joined([JSON.stringify(small.tokenizer), JSON.stringify(small.config)]),
    joined([JSON.stringify(pairs), '{"eos_token":{"content":"<|end|>"},"model_max_length":1e30}']),
  ],
  words: [
    '"type":"',
    "Sequence",
    "Unigram",
    "WordPiece",
    "Metaspace",
    "Split",
    '"Regex":"',
    '"vocab":{',
    "merges",
  ],
  run(input) {
    const texts = parted(input, 2);
    for (const [i, text] of texts.entries()) writeFileSync(files[i]!, text);
    const tokenizer = loadTokenizer(path.dirname(files[0]!));
    tokenBytes(Object(JSON.parse(texts[0]!)));
    return tokenizer.vocabularySize;
  },
};
