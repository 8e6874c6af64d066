import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { loadTokenizer } from "seedbed";

import { describeTokenIds } from "../../../experiments/dreambooth/tokenIds.ts";

/** A tokenizer's folder, with the names of its files. */
function tokenizerOf(folder: string, ...names: string[]) {
  const texts = names.map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")] as const);
  return { tokenizer: loadTokenizer(folder), tokenizerFiles: new Map(texts) };
}

describe("describeTokenIds()", () => {
  const bundled = tokenizerOf("models/emoji-64/tokenizer", "tokenizer.json");
  const merges = tokenizerOf(
    "test/fixtures/stable-diffusion/tiny-sd-a/tokenizer",
    "merges.txt",
    "vocab.json",
  );

  it("has nothing to say of a token that is one word of a vocabulary", () => {
    expect(describeTokenIds("sks", bundled)).to.equal(undefined);
  });

  it("tells the ids of a token that is spelled with several", () => {
    const ids = merges.tokenizer.textIds("qzxw");
    expect(ids.length).to.be.above(1);
    const problem = describeTokenIds("qzxw", merges);
    expect(problem).to.include(`spelled with ${ids.length} ids`);
    for (const id of ids) expect(problem).to.match(new RegExp(`\\b${id} "`));
  });

  it("tells of a common word, where ids count from the most frequent", () => {
    const [id, ...rest] = merges.tokenizer.textIds("the");
    expect(rest).to.deep.equal([]);
    expect(describeTokenIds("the", merges)).to.include(
      `common word of the model's vocabulary, with id ${id} "the"`,
    );
  });
});
