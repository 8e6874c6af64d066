import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";
import { startAndEnd } from "../../../framework/tokenizers/tokenizerJson.ts";
import { trainBytePairs } from "../../../framework/tokenizers/trainBytePairs.ts";
import { trimTokenizer } from "../../../framework/tokenizers/trimTokenizer.ts";

const texts = [
  "The penguin swims. The penguin's friend, the other penguin, swims too.",
  "Twelve penguins swam 1200 metres in the cold sea; the sea was cold.",
];
const files = trainBytePairs(texts, {
  vocabularySize: 330,
  reserved: [{ content: "<|end|>" }],
  endToken: "<|end|>",
  padToken: "<|end|>",
  maxLength: 64,
});
const whole = new Tokenizer(files.tokenizer, files.config);

function countsOf(tokenizer: Tokenizer, text: string): number[] {
  const counts = Array.from({ length: tokenizer.vocabularySize }, () => 0);
  for (const id of tokenizer.textIds(text)) counts[id]!++;
  return counts;
}

interface PairModel {
  readonly vocab: Record<string, number>;
  readonly merges: [string, string][];
}

function contentOf(tokenizer: object): PairModel {
  const { model }: { model: PairModel } = JSON.parse(JSON.stringify(tokenizer));
  return model;
}

const smollm2 = path.join(import.meta.dirname, "../../fixtures/nano/tokenizer-smollm2");
function readSmollm2(name: string): object {
  const content: object = JSON.parse(readFileSync(path.join(smollm2, name), "utf8"));
  return content;
}

describe("trimTokenizer()", () => {
  it("cuts a text of entries that stay into the same ones", () => {
    const { tokenizer, kept } = trimTokenizer(files.tokenizer, countsOf(whole, texts[0]!), 330);
    const trimmed = new Tokenizer(tokenizer, files.config);
    expect(kept.length).to.equal(trimmed.vocabularySize).and.to.be.below(whole.vocabularySize);
    expect(trimmed.textIds(texts[0]!).map((id) => kept[id])).to.deep.equal(
      whole.textIds(texts[0]!),
    );
  });

  it("still writes any text", () => {
    const { tokenizer } = trimTokenizer(files.tokenizer, countsOf(whole, texts[0]!), 290);
    const trimmed = new Tokenizer(tokenizer, files.config);
    for (const text of [...texts, "Übergrößenträger \u{1F427}\n\ttoo", "<|end|>"]) {
      const ids = trimmed.textIds(text);
      expect(trimmed.decode(ids, { keepSpecialTokens: true })).to.equal(text);
    }
  });

  it("keeps what is used most, with all that it is merged from, within the size", () => {
    const least = 1 + 256;
    for (const size of [least, least + 5, least + 16]) {
      const { tokenizer, kept } = trimTokenizer(files.tokenizer, countsOf(whole, texts[0]!), size);
      expect(kept.length).to.equal(size);
      const { vocab, merges } = contentOf(tokenizer);
      expect(Object.values(vocab).toSorted((a, b) => a - b)).to.deep.equal(
        Array.from({ length: size }, (_, id) => id),
      );
      expect(merges.length, "each entry is still made").to.equal(size - least);
      for (const [left, right] of merges) expect(vocab).to.include.keys(left, right, left + right);
    }
  });

  it("gives post-processors the new ids of added tokens", () => {
    const end = files.tokenizer.model.vocab["<|end|>"]!;
    const withEnd = { ...files.tokenizer, post_processor: startAndEnd(end, end) };
    const last = { ...withEnd, added_tokens: [{ ...files.tokenizer.added_tokens[0], id: 400 }] };
    const { "<|end|>": _, ...vocab } = files.tokenizer.model.vocab;
    const moved = {
      ...last,
      post_processor: startAndEnd(400, 400),
      model: { ...files.tokenizer.model, vocab },
    };
    const { tokenizer, kept } = trimTokenizer(moved, [], 257);
    expect(kept.at(-1)).to.equal(400);
    expect(tokenizer["added_tokens"]).to.have.nested.property("[0].id", 256);
    expect(tokenizer["post_processor"]).to.deep.equal(startAndEnd(256, 256));
  });

  it("trims a published tokenizer, whose merges are texts, to what a text needs", () => {
    const json = readSmollm2("tokenizer.json");
    const config = readSmollm2("tokenizer_config.json");
    const published = new Tokenizer(json, config);
    const text = "Hello, world! The quick brown fox";
    const { tokenizer, kept } = trimTokenizer(json, countsOf(published, text), 400);
    const trimmed = new Tokenizer(tokenizer, config);
    expect(kept.length).to.be.below(published.vocabularySize - 100);
    expect(trimmed.textIds(text).map((id) => kept[id])).to.deep.equal(published.textIds(text));
  });

  it("refuses other tokenizers, and sizes without room for letters", () => {
    expect(() => trimTokenizer({ model: { type: "WordPiece" } }, [], 300)).to.throw(
      InputError,
      'expected a byte-pair encoding with vocab and merges, got type "WordPiece"',
    );
    expect(() => trimTokenizer(files.tokenizer, [], 200)).to.throw(
      RangeError,
      "Cannot trim a tokenizer to 200 entries: expected at least 257",
    );
  });
});
