import { expect } from "chai";
import { describe, it } from "mocha";

import { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";
import {
  splitWords,
  wordLevelTokenizer,
} from "../../../framework/tokenizers/wordLevelTokenizer.ts";

const files = wordLevelTokenizer({
  words: ["penguin", "a", "on", "Blue", "background", "piñata", "a", "sks"],
  reservedTokens: ["sks", "zwx"],
  maxLength: 8,
});
const tokenizer = new Tokenizer(files.tokenizer, files.config);

describe("wordLevelTokenizer()", () => {
  it("orders ids: unknown, reserved, words sorted, start, end", () => {
    expect(Object.keys(files.tokenizer.model.vocab)).to.deep.equal([
      "<unk>",
      "sks",
      "zwx",
      "a",
      "background",
      "blue",
      "on",
      "penguin",
      "piñata",
      "<|startoftext|>",
      "<|endoftext|>",
    ]);
    expect(tokenizer.vocabularySize).to.equal(11);
    expect(tokenizer.ids).to.deep.equal({ start: 9, end: 10, pad: 10 });
  });

  it("does not depend on the order of the words", () => {
    const again = wordLevelTokenizer({
      words: ["sks", "blue", "piñata", "background", "on", "penguin", "a"],
      reservedTokens: ["sks", "zwx"],
      maxLength: 8,
    });
    expect(again).to.deep.equal(files);
  });

  const cases: readonly [text: string, ids: readonly number[]][] = [
    ["a sks penguin", [9, 3, 1, 7, 10]],
    ["A  SKS\nPenguin!", [9, 3, 1, 7, 0, 10]],
    ["a piñata", [9, 3, 8, 10]],
    ["a pin\u0303ata", [9, 3, 8, 10]],
    ["a purple penguin", [9, 3, 0, 7, 10]],
    ["", [9, 10]],
    ["   ", [9, 10]],
  ];
  for (const [text, ids] of cases) {
    it(`encodes ${JSON.stringify(text)}`, () => {
      expect([...tokenizer.encode(text)]).to.deep.equal(ids);
    });
  }

  it("pads, and cuts before the end token", () => {
    expect([...tokenizer.encode("a penguin", { padTo: 6 })]).to.deep.equal([9, 3, 7, 10, 10, 10]);
    const long = "a penguin on a blue background on a blue background";
    expect([...tokenizer.encode(long)]).to.deep.equal([9, 3, 7, 6, 3, 5, 4, 10]);
    expect([...tokenizer.encode(long, { padTo: 4 })]).to.deep.equal([9, 3, 7, 10]);
    expect([...tokenizer.encode("a on", { maxLength: 3, padTo: 4 })]).to.deep.equal([9, 3, 10, 10]);
  });

  it("refuses lengths without room", () => {
    expect(() => tokenizer.encode("a", { maxLength: 1 })).to.throw(RangeError, "must be >= 2");
    expect(() => tokenizer.encode("a on a", { maxLength: 8, padTo: 4 })).to.throw(
      RangeError,
      "expected at most 4 tokens, got 5",
    );
  });

  it("names the words it does not know, whole and once", () => {
    expect(tokenizer.unknownWords("A sks café café on Mars, penguin")).to.deep.equal([
      "café",
      "mars",
      ",",
    ]);
  });

  it("refuses what is not one word", () => {
    for (const word of ["hot dog", "t-rex", "", " cat"]) {
      expect(() => wordLevelTokenizer({ words: [word], maxLength: 8 })).to.throw(
        RangeError,
        `Cannot put "${word}" into a vocabulary`,
      );
    }
  });
});

describe("splitWords()", () => {
  it("splits at spaces and around punctuation, in lower case", () => {
    expect(splitWords("A T-Rex, piñata 3D")).to.deep.equal([
      "a",
      "t",
      "-",
      "rex",
      ",",
      "piñata",
      "3d",
    ]);
  });
});
