import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { longestTokenBytes, tokenBytes } from "../../../framework/tokenizers/tokenBytes.ts";
import { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";

const fixture = (folder: string, name: string): object => {
  const file = path.join(import.meta.dirname, "../../fixtures/nano", folder, name);
  const content: object = JSON.parse(readFileSync(file, "utf8"));
  return content;
};

describe("tokenBytes()", () => {
  for (const folder of ["tokenizer-smollm2", "tokenizer-qwen2"]) {
    it(`gives the bytes of a text, token by token: ${folder}`, () => {
      const content = fixture(folder, "tokenizer.json");
      const tokenizer = new Tokenizer(content, fixture(folder, "tokenizer_config.json"));
      const bytes = tokenBytes(content);
      expect(bytes.length).to.equal(tokenizer.vocabularySize);
      for (const text of ["Hello, world!", "naïve \u{1F427} 日本\n\n  x", ""]) {
        const parts = tokenizer.textIds(text).map((id) => bytes[id]!);
        expect(Buffer.concat(parts).toString()).to.equal(text);
      }
      const [end] = tokenizer.textIds("<|im_end|>");
      expect(bytes[end!]).to.equal(undefined);
    });
  }

  it("reads pieces with marked spaces, and single bytes", () => {
    const bytes = tokenBytes({
      model: { vocab: { "▁the": 0, "<0x0A>": 1, "</s>": 2, é: 3 } },
      added_tokens: [
        { id: 2, content: "</s>", special: true },
        { id: 5, content: "<tool>", special: false },
      ],
      decoder: { type: "Sequence", decoders: [{ type: "Replace" }, { type: "ByteFallback" }] },
    });
    const texts = bytes.map((each) => each && Buffer.from(each).toString());
    expect(texts).to.deep.equal([" the", "\n", undefined, "é", undefined, "<tool>"]);
  });

  it("refuses a tokenizer whose tokens are no bytes", () => {
    expect(() => tokenBytes({ model: { vocab: {} }, decoder: { type: "WordPiece" } })).to.throw(
      InputError,
      "expected a decoder of bytes (ByteLevel, ByteFallback or Metaspace), got WordPiece",
    );
  });
});

describe("longestTokenBytes()", () => {
  it("is the length of the longest token, which may be a special one", () => {
    const vocab = { "▁the": 0, é: 1, "▁▁▁▁▁": 2 };
    const decoder = { type: "Metaspace" };
    expect(longestTokenBytes({ model: { vocab }, decoder })).to.equal(5);
    const added = { id: 3, content: "<début>", special: true };
    expect(longestTokenBytes({ model: { vocab }, added_tokens: [added], decoder })).to.equal(8);
  });
});
