import { expect } from "chai";

import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import type { ParityCheck } from "../parityCheck.ts";

/** Ids of texts, padded and not. */
export const tokenizer: ParityCheck = {
  title: "tokenizer",
  files: [],
  tests: (set) =>
    (set.manifest.tokenizer_cases ?? []).map(({ text, ids, ids_nopad: bare }) => ({
      title: `encodes ${JSON.stringify(text.slice(0, 50))}`,
      run() {
        const loaded = loadTokenizer(set.path("tokenizer"));
        expect([...loaded.encode(text, { padTo: ids.length })]).to.deep.equal(ids);
        if (bare !== null) expect([...loaded.encode(text)]).to.deep.equal(bare);
      },
    })),
};
