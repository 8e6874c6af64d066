import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { tokenize } from "../../../../framework/data/transforms/tokenize.ts";
import { Tokenizer } from "../../../../framework/tokenizers/tokenizer.ts";
import { wordLevelTokenizer } from "../../../../framework/tokenizers/wordLevelTokenizer.ts";

describe("tokenize()", () => {
  // Ids: 0 unknown, 1 a, 2 cat, 3 red, 4 start, 5 end, which pads.
  const files = wordLevelTokenizer({ words: ["a", "red", "cat"], maxLength: 77 });
  const tokenizer = new Tokenizer(files.tokenizer, files.config);
  const cases = [
    { title: "gives a text its own length", options: {}, want: [4, 1, 3, 2, 5] },
    { title: "pads", options: { padTo: 7 }, want: [4, 1, 3, 2, 5, 5, 5] },
    { title: "cuts", options: { maxLength: 4 }, want: [4, 1, 3, 5] },
    { title: "cuts and pads", options: { maxLength: 4, padTo: 6 }, want: [4, 1, 3, 5, 5, 5] },
  ];
  for (const { title, options, want } of cases) {
    it(title, async () => {
      const ids = await tokenize(tokenizer, options)("a red cat", new RandomStream(0, "unused"));
      expect(ids).to.deep.equal({ shape: [want.length], values: Int32Array.from(want) });
    });
  }
});
