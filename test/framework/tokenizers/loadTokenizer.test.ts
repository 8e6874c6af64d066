import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { clipTokenizer, clipTokenizerConfig } from "../../../framework/tokenizers/clipTokenizer.ts";
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

  const manifest: { tokenizer_cases: { text: string; ids: number[] }[] } = JSON.parse(
    readFileSync(`${fixtures}/tiny-sd-a/golden/manifest.json`, "utf8"),
  );
  const vocab: Record<string, number> = JSON.parse(
    readFileSync(`${fixtures}/tiny-sd-a/tokenizer/vocab.json`, "utf8"),
  );
  const merges = readFileSync(`${fixtures}/tiny-sd-a/tokenizer/merges.txt`, "utf8");

  /** CLIP's tokenizer in the older format, with other files. */
  function writeClip(files: Readonly<Record<string, object>>): void {
    writeFileSync(path.join(folder, "vocab.json"), JSON.stringify(vocab));
    writeFileSync(path.join(folder, "merges.txt"), merges);
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(path.join(folder, name), JSON.stringify(content));
    }
  }

  it("reads CLIP's tokenizer.json as its vocabulary and merges", () => {
    const published = {
      ...clipTokenizer(vocab, merges),
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "NFC" },
          { type: "Replace", pattern: { Regex: String.raw`\s+` }, content: " " },
          { type: "Lowercase" },
        ],
      },
      post_processor: {
        type: "RobertaProcessing",
        sep: ["<|endoftext|>", 879],
        cls: ["<|startoftext|>", 878],
        trim_offsets: false,
        add_prefix_space: false,
      },
    };
    writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(published));
    writeFileSync(
      path.join(folder, "tokenizer_config.json"),
      JSON.stringify({ ...clipTokenizerConfig, added_tokens_decoder: {} }),
    );
    const tokenizer = loadTokenizer(folder);
    for (const { text, ids } of manifest.tokenizer_cases) {
      expect([...tokenizer.encode(text, { padTo: 77 })], text).to.deep.equal(ids);
    }
    expect(tokenizer.textIds("ΟΣ")).to.deep.equal(tokenizer.textIds("οσ"));
  });

  it("takes special tokens from special_tokens_map.json, as Stable Diffusion 2 pads with !", () => {
    writeClip({
      "tokenizer_config.json": { pad_token: "<|endoftext|>", model_max_length: 77 },
      "special_tokens_map.json": { pad_token: "!" },
    });
    expect(loadTokenizer(folder).ids).to.deep.equal({ start: 878, end: 879, pad: 0 });
    writeClip({
      "tokenizer_config.json": { pad_token: "<|endoftext|>", added_tokens_decoder: {} },
    });
    expect(loadTokenizer(folder).ids.pad).to.equal(879);
  });

  const token = { content: "<Cat-Toy>", normalized: true, special: false };
  for (const [name, files] of Object.entries({
    "added_tokens.json": { "added_tokens.json": { "<Cat-Toy>": 880 } },
    added_tokens_decoder: {
      "tokenizer_config.json": {
        added_tokens_decoder: { 878: { content: "<|startoftext|>" }, 880: token },
      },
    },
  })) {
    it(`finds tokens that ${name} adds, in any case, within words`, () => {
      writeClip(files);
      const tokenizer = loadTokenizer(folder);
      const [start, end] = [878, 879];
      expect([...tokenizer.encode("<cat-toy>")]).to.deep.equal([start, 880, end]);
      expect(tokenizer.textIds("a<CAT-TOY>")).to.deep.equal([...tokenizer.textIds("a"), 880]);
      expect(tokenizer.vocabularySize).to.equal(881);
    });
  }

  it("lowers a sigma alike wherever it stands", () => {
    writeClip({});
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.textIds("ΟΣ Σ")).to.deep.equal(tokenizer.textIds("οσ σ"));
  });

  it("reads what tokenizerTexts() gives", () => {
    const files = wordLevelTokenizer({ words: ["a", "cat"], maxLength: 16 });
    for (const [name, text] of tokenizerTexts(files)) writeFileSync(path.join(folder, name), text);
    const tokenizer = loadTokenizer(folder);
    expect([...tokenizer.encode("a cat")]).to.deep.equal([3, 1, 2, 4]);
    expect(tokenizer.maxLength).to.equal(16);
  });

  it("refuses ids that would take all memory", () => {
    const { tokenizer, config } = wordLevelTokenizer({ words: ["a", "cat"], maxLength: 16 });
    const refused = [
      { ...tokenizer, model: { ...tokenizer.model, vocab: { a: 2 ** 31 - 1 } } },
      { ...tokenizer, added_tokens: [{ id: 1e15, content: "a" }] },
    ];
    for (const each of refused) {
      for (const [name, text] of tokenizerTexts({ tokenizer: each, config }))
        writeFileSync(path.join(folder, name), text);
      expect(() => loadTokenizer(folder)).to.throw(
        InputError,
        'the id of "a" must be an integer from 0 to 16777215',
      );
    }
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) rmSync(path.join(folder, name));
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
