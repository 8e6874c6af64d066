import { expect } from "chai";
import { describe, it } from "mocha";

import { byteAlphabet, bytesOfEntry } from "../../../framework/tokenizers/byteAlphabet.ts";
import { mergePairs } from "../../../framework/tokenizers/mergePairs.ts";
import { pieceEncoder, reservedTokensOf } from "../../../framework/tokenizers/pieceEncoder.ts";
import { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";
import type { TokenizerFiles } from "../../../framework/tokenizers/tokenizerJson.ts";
import {
  trainBytePairs,
  wordsApartPattern,
  type TrainBytePairsOptions,
} from "../../../framework/tokenizers/trainBytePairs.ts";

const reserved = [
  { content: "<|end|>" },
  { content: "<call>", special: false },
  { content: "</call>", special: false },
];
const texts = [
  "The penguin swims. The penguin's friend, the other penguin, swims too.",
  "Twelve penguins swam 1200 metres in the cold sea; the sea was cold.",
  "<call>the the the</call><|end|>",
];

const options = (vocabularySize: number): TrainBytePairsOptions => ({
  vocabularySize,
  reserved,
  endToken: "<|end|>",
  padToken: "<|end|>",
  maxLength: 64,
});

const train = (size: number, from: readonly string[] = texts): TokenizerFiles =>
  trainBytePairs(from, options(size));

describe("mergePairs()", () => {
  const merge = (words: readonly [string, number][], merges: number, minimumCount = 2): string[] =>
    mergePairs(
      words.map(([word, count]) => ({ symbols: Array.from(word, (c) => c.charCodeAt(0)), count })),
      { firstId: 256, merges, minimumCount },
    ).map((pair) =>
      pair.map((id) => (id < 256 ? String.fromCharCode(id) : `#${id - 256}`)).join(""),
    );

  it("merges what occurs most often: the words of the paper's example", () => {
    const words: [string, number][] = [
      ["low_", 5],
      ["lower_", 2],
      ["newest_", 6],
      ["widest_", 3],
    ];
    expect(merge(words, 6)).to.deep.equal(["es", "t_", "#0#1", "lo", "#3w", "ew"]);
  });

  it("takes the lower ids of equally frequent pairs", () => {
    expect(
      merge(
        [
          ["zy", 2],
          ["ab", 2],
        ],
        2,
      ),
    ).to.deep.equal(["ab", "zy"]);
  });

  it("counts a run of one symbol as it can be merged", () => {
    expect(merge([["aaaa", 1]], 5)).to.deep.equal(["aa"]);
    expect(merge([["aaaa", 1]], 5, 1)).to.deep.equal(["aa", "#0#0"]);
  });

  it("stops where no pair occurs often enough", () => {
    expect(
      merge(
        [
          ["ab", 2],
          ["cd", 1],
        ],
        5,
      ),
    ).to.deep.equal(["ab"]);
  });
});

describe("trainBytePairs()", () => {
  const files = train(280);
  const tokenizer = new Tokenizer(files.tokenizer, files.config);

  it("orders ids: reserved tokens, bytes, merges", () => {
    const { vocab } = files.tokenizer.model;
    const entries = Object.keys(vocab).toSorted((a, b) => vocab[a]! - vocab[b]!);
    expect(entries.slice(0, 4)).to.deep.equal(["<|end|>", "<call>", "</call>", byteAlphabet[0]]);
    expect(entries.length).to.equal(280);
    expect(tokenizer.vocabularySize).to.equal(280);
    expect(tokenizer.ids).to.deep.equal({ start: undefined, end: 0, pad: 0 });
  });

  it("does not depend on the order of the texts", () => {
    expect(train(280, texts.toReversed())).to.deep.equal(files);
  });

  it("stays smaller than asked for when the texts hold too few pairs", () => {
    expect(Object.keys(train(1000).tokenizer.model.vocab).length).to.equal(281);
  });

  it("learns whole words, with the space before them", () => {
    expect(tokenizer.textIds(" penguin").length).to.equal(1);
    expect(tokenizer.textIds("penguin").length).to.be.greaterThan(1);
  });

  it("gives a word the same tokens in a sentence and in JSON, if spaces are kept apart", () => {
    const apart = trainBytePairs(texts, { ...options(400), pattern: wordsApartPattern });
    const split = new Tokenizer(apart.tokenizer, apart.config);
    const [word, ...others] = split.textIds("penguin");
    expect(others).to.deep.equal([]);
    for (const text of ["the penguin swims", '{"a":["penguin"]}', "(penguin)"]) {
      expect(split.textIds(text), text).to.include(word);
    }
    const encode = pieceEncoder(split, {
      pattern: wordsApartPattern,
      reserved: reservedTokensOf(apart.tokenizer),
    });
    for (const text of [...texts, ...roundTrips, "find_penguin __ _ a__b 'twas_it"]) {
      expect(split.decode(split.textIds(text), { keepSpecialTokens: true }), text).to.equal(text);
      expect(encode(text), text).to.deep.equal(split.textIds(text));
    }
  });

  it("keeps digits apart", () => {
    expect(tokenizer.textIds("1200").length).to.equal(4);
  });

  it("neither merges nor counts reserved tokens", () => {
    expect(tokenizer.textIds("<call>the</call><|end|>").slice(-2)).to.deep.equal([2, 0]);
    const alone = train(300, ["<call>".repeat(50)]);
    expect(alone.tokenizer.model["merges"]).to.deep.equal([]);
  });

  it("leaves special tokens out of decoded text, and no others", () => {
    expect(tokenizer.decode(tokenizer.textIds("<call>sea</call><|end|>"))).to.equal(
      "<call>sea</call>",
    );
  });

  const roundTrips = [
    "",
    " leading, trailing  and   inner spaces \n\n\t and\r\nlines ",
    "piñata naïve — “quotes” … ½ ① Ⅷ",
    "שלום नमस्ते 日本語 한국어 ไทย",
    "👩‍🚀🏳️‍🌈 e\u0301 \u0000\u007f\u0080\ufeff\u200b",
    "don't DON'T 'twas it's' we'll've 'store",
    '{"name":"add","arguments":{"a":-1.5e3,"b":[]}}',
  ];
  for (const text of roundTrips) {
    it(`reads back ${JSON.stringify(text)}`, () => {
      expect(tokenizer.decode(tokenizer.textIds(text))).to.equal(text);
    });
  }

  it("reads back characters from all of Unicode", () => {
    let text = "";
    for (let code = 1; code < 0x110000; code += 397) {
      if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code);
    }
    expect(tokenizer.decode(tokenizer.textIds(text))).to.equal(text);
  });

  it("refuses a vocabulary without room for the bytes", () => {
    expect(() => train(258)).to.throw(
      RangeError,
      "Cannot train byte pairs: vocabularySize must be an integer >= 259 for 3 reserved tokens and 256 bytes, got 258",
    );
  });

  it("refuses reserved tokens that contain each other, and an end that is none of them", () => {
    const make = (contents: readonly string[]) => () =>
      trainBytePairs([], {
        vocabularySize: 300,
        reserved: contents.map((content) => ({ content })),
        endToken: "<a>",
        padToken: "<a>",
        maxLength: 8,
      });
    expect(make(["<a>", "<a>b"])).to.throw(RangeError, 'got "<a>" and "<a>b"');
    expect(make(["<b>"])).to.throw(RangeError, 'expected "<a>" among the reserved tokens, got <b>');
  });

  it("spells bytes by letters that stand for them alone", () => {
    expect(new Set(byteAlphabet).size).to.equal(256);
    expect(bytesOfEntry("ĠÃ©")).to.deep.equal(Uint8Array.of(0x20, 0xc3, 0xa9));
    expect(() => bytesOfEntry("中")).to.throw(RangeError, 'got "中"');
  });

  it("is encoded piece by piece as the library encodes it whole", () => {
    const encode = pieceEncoder(tokenizer, { reserved: reservedTokensOf(files.tokenizer) });
    for (const text of [...texts, ...roundTrips, "a<|end|>b <call>{</call>\n<call>"]) {
      expect(encode(text), text).to.deep.equal(tokenizer.textIds(text));
    }
  });
});
