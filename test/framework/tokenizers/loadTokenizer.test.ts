import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { loadTokenizer, tokenizerTexts } from "../../../framework/tokenizers/loadTokenizer.ts";
import { wordLevelTokenizer } from "../../../framework/tokenizers/wordLevelTokenizer.ts";

const fixtures = "test/fixtures/stable-diffusion";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "seedbed-tokenizer-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("loadTokenizer()", () => {
  it("knows CLIP's special tokens and sizes", () => {
    const tokenizer = loadTokenizer(`${fixtures}/tiny-sd-a/tokenizer`);
    expect(tokenizer.ids).to.deep.equal({ start: 878, end: 879, pad: 879 });
    expect(tokenizer.vocabularySize).to.equal(880);
    expect(tokenizer.maxLength).to.equal(77);
    expect(tokenizer.unknownWords("a 犬 photo")).to.deep.equal([]);
    expect(tokenizer.decode(tokenizer.encode("A photo of DOG", { padTo: 77 }))).to.equal(
      "a photo of dog",
    );
  });

  it("reads what tokenizerTexts() gives", () => {
    const files = wordLevelTokenizer({ words: ["a", "cat"], maxLength: 16 });
    for (const [name, text] of tokenizerTexts(files)) writeFileSync(path.join(folder, name), text);
    const tokenizer = loadTokenizer(folder);
    expect([...tokenizer.encode("a cat")]).to.deep.equal([3, 1, 2, 4]);
    expect(tokenizer.maxLength).to.equal(16);
  });

  it("reports missing and corrupt files", () => {
    expect(() => loadTokenizer(folder)).to.throw(
      InputError,
      "missing tokenizer.json, vocab.json, merges.txt",
    );
    const cases: readonly [name: string, text: string, message: string][] = [
      ["tokenizer.json", "{", "tokenizer.json: "],
      ["tokenizer.json", "[]", "expected a JSON object"],
      ["tokenizer.json", "{}", "tokenizer.json: "],
    ];
    for (const [name, text, message] of cases) {
      writeFileSync(path.join(folder, name), text);
      expect(() => loadTokenizer(folder)).to.throw(InputError, message);
    }
    rmSync(path.join(folder, "tokenizer.json"));
    writeFileSync(path.join(folder, "merges.txt"), "#version: 0.2\n");
    writeFileSync(path.join(folder, "vocab.json"), '{"a": 0.5}');
    expect(() => loadTokenizer(folder)).to.throw(InputError, 'id of "a" must be an integer >= 0');
    writeFileSync(path.join(folder, "vocab.json"), '{"a": 0}');
    expect(() => loadTokenizer(folder)).to.throw(InputError, "must hold <|startoftext|>");
  });
});
