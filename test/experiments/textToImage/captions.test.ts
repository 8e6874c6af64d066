import { expect } from "chai";
import { describe, it } from "mocha";

import { captionWords, reservedTokens } from "../../../experiments/textToImage/captions.ts";
import { readConcepts } from "../../../experiments/textToImage/emoji/concepts.ts";
import { splitWords } from "../../../framework/tokenizers/wordLevelTokenizer.ts";

describe("captionWords()", () => {
  const words = captionWords();

  it("is sorted, without repetition, about 1,300 words", () => {
    expect(words).to.deep.equal([...new Set(words)].toSorted());
    expect(words.length).to.be.within(1200, 1400);
  });

  it("holds names, classes, styles, colours and the templates' words", () => {
    const some = ["a", "on", "background", "small", "tilted", "3d", "fx", "white", "gray", "hump"];
    expect(words).to.include.members([...some, "penguin", "insect", "piñata", "plane"]);
  });

  it("holds no reserved token, and nothing that the tokenizer would split", () => {
    for (const token of reservedTokens) expect(words).to.not.include(token);
    for (const word of [...words, ...reservedTokens]) {
      expect(splitWords(word)).to.deep.equal([word]);
    }
  });

  it("covers every name of the full preset", () => {
    const known = new Set(words);
    for (const { name } of readConcepts("full")) {
      for (const word of splitWords(name)) expect(known, name).to.include(word);
    }
  });
});
