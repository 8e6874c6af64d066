import { writeFileSync } from "node:fs";
import path from "node:path";

import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { joined, parted, scratch } from "../scratch.ts";

const names = ["vocab.json", "merges.txt", "added_tokens.json", "tokenizer_config.json"];
const files = names.map((name) => scratch("vocabulary", name));

/** CLIP's `vocab.json` and `merges.txt`, with added tokens. */
export const target: FuzzTarget = {
  name: "vocabulary",
  covers: ["framework/tokenizers/"],
  seeds: [
    joined([
      '{"a</w>":0,"b":1,"ab</w>":2,"<|startoftext|>":3,"<|endoftext|>":4}',
      "#version: 0.2\nb a</w>\n",
      '{"<new>":5}',
      '{"model_max_length":77,"added_tokens_decoder":{"5":{"content":"<new>"}}}',
    ]),
  ],
  words: ["</w>", '"content":"', "added_tokens_decoder", "\n", " "],
  run(input) {
    for (const [i, text] of parted(input, files.length).entries()) writeFileSync(files[i]!, text);
    return loadTokenizer(path.dirname(files[0]!)).encode("a b ab", { maxLength: 8 });
  },
};
