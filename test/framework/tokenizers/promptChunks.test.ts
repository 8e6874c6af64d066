import { expect } from "chai";
import { describe, it } from "mocha";

import { promptChunks } from "../../../framework/tokenizers/promptChunks.ts";
import { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";
import { wordLevelTokenizer } from "../../../framework/tokenizers/wordLevelTokenizer.ts";

// <unk> 0, a 1, b 2, c 3, d 4, start 5, end and pad 6
const files = wordLevelTokenizer({ words: ["a", "b", "c", "d"], maxLength: 5 });
const tokenizer = new Tokenizer(files.tokenizer, files.config);
const length = 5;

function chunksOf(prompt: string, weighted = true): { ids: number[]; weights: number[] }[] {
  return promptChunks(tokenizer, prompt, { length, weighted }).map(({ ids, weights }) => ({
    ids: [...ids],
    weights: [...weights],
  }));
}

describe("promptChunks()", () => {
  it("is the padded text, where it fits", () => {
    for (const prompt of ["", "a", "a b c"]) {
      expect(chunksOf(prompt)).to.deep.equal([
        { ids: [...tokenizer.encode(prompt, { padTo: length })], weights: [1, 1, 1, 1, 1] },
      ]);
    }
  });

  it("cuts longer texts, and at BREAK", () => {
    expect(chunksOf("a b c d BREAK a").map(({ ids }) => ids)).to.deep.equal([
      [5, 1, 2, 3, 6],
      [5, 4, 6, 6, 6],
      [5, 1, 6, 6, 6],
    ]);
  });

  it("gives the text's tokens their weights", () => {
    expect(chunksOf("a (b c:2) (d:0.5)")).to.deep.equal([
      { ids: [5, 1, 2, 3, 6], weights: [1, 1, 2, 2, 1] },
      { ids: [5, 4, 6, 6, 6], weights: [1, 0.5, 1, 1, 1] },
    ]);
  });

  it("reads brackets as text on request", () => {
    expect(chunksOf("(a)", false)).to.deep.equal([
      { ids: [...tokenizer.encode("(a)", { padTo: length })], weights: [1, 1, 1, 1, 1] },
    ]);
  });

  it("refuses a tokenizer without special tokens, and no room", () => {
    const bare = new Tokenizer(files.tokenizer, { unk_token: "<unk>" });
    expect(() => promptChunks(bare, "a", { length })).to.throw(RangeError, "expected a tokenizer");
    expect(() => promptChunks(tokenizer, "a", { length: 2 })).to.throw(RangeError, "chunks of 2");
  });
});
