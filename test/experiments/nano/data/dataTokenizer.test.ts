import { expect } from "chai";
import { describe, it } from "mocha";

import { dataTokenizer } from "../../../../experiments/nano/data/dataTokenizer.ts";
import { withDefaults } from "../../../../experiments/nano/data/nanoSettings.ts";

const text = "a grey heron sees a grey river";
const texts = {
  *trainTexts() {
    for (let i = 0; i < 20; i++) yield text;
  },
};

describe("dataTokenizer()", () => {
  const { tokenizer, encode } = dataTokenizer(texts, withDefaults({ vocabularySize: 290 }));
  const pieces = (given: string): string[] => encode(given).map((id) => tokenizer.decode([id]));

  it("learns words without the spaces before them: they can be copied into JSON", () => {
    expect(pieces("a grey heron")).to.deep.equal(["a", " ", "grey", " ", "heron"]);
    expect(pieces('{"what":"heron"}')).to.include("heron");
  });

  it("encodes whole texts as the tokenizer does that it writes", () => {
    for (const given of [text, "two  spaces, 12 rivers.\n\nA line", '<|im_start|>user\n{"a":1}']) {
      expect(encode(given)).to.deep.equal(tokenizer.textIds(given));
    }
  });
});
