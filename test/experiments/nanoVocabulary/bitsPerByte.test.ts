import { expect } from "chai";
import { before, describe, it } from "mocha";
import {
  Decoder,
  readParameters,
  tokenDocuments,
  type DecoderWeights,
  type TokenDocuments,
} from "seedbed";

import { bitsPerByte } from "../../../experiments/nanoVocabulary/bitsPerByte.ts";
import { tokenizer } from "../nano/letterTokenizer.ts";
import { groupedConfig } from "../nano/tinyDecoders.ts";

const { signal } = new AbortController();

/** A document of so many letters from a text's place on, a token each, all to be learnt. */
const letters = (from: number, count: number): { ids: number[] } => ({
  ids: tokenizer.textIds("abcdefghijklmnopqrst".slice(from, from + count)),
});
const long = tokenDocuments([letters(0, 20)]);

describe("bitsPerByte()", () => {
  let weights: DecoderWeights;
  before(async () => {
    const config = { ...groupedConfig, vocab_size: tokenizer.vocabularySize };
    const model = new Decoder(config, { seed: 3 });
    weights = { config, tensors: await readParameters(model.parameters) };
    model.dispose();
  });

  const measure = (
    set: "prose" | "chat",
    documents: TokenDocuments,
    length: number,
  ): Promise<number> => {
    const data = { tokenizer, prose: { test: documents }, chat: { test: documents } };
    return bitsPerByte(weights, data, { set, length, documents: null, signal });
  };

  it("counts of a dialogue longer than a row the beginning: its bits, and its bytes", async () => {
    const cut = await measure("chat", long, 8);
    expect(cut).to.be.closeTo(await measure("chat", tokenDocuments([letters(0, 8)]), 32), 1e-4);
  });

  it("counts of longer prose all of it, in pieces", async () => {
    const cut = await measure("prose", long, 8);
    const pieces = tokenDocuments([letters(0, 8), letters(8, 8), letters(16, 4)]);
    expect(cut).to.be.closeTo(await measure("prose", pieces, 32), 1e-4);
    expect(cut).to.not.be.closeTo(await measure("prose", long, 32), 0.1);
  });
});
