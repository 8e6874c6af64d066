import { expect } from "chai";
import { describe, it } from "mocha";

import {
  createCorpus,
  readMobyDick,
  windowLoaders,
} from "../../../experiments/characterLanguageModel/dataset.ts";

describe("createCorpus()", () => {
  it("numbers the characters and holds out the end", () => {
    const { characters, train, validation } = createCorpus("banana", 0.34);
    expect(characters).to.deep.equal(["a", "b", "n"]);
    expect([...train]).to.deep.equal([1, 0, 2, 0]);
    expect([...validation]).to.deep.equal([2, 0]);
  });
});

describe("readMobyDick()", () => {
  it("begins as the book does, and ends with a chapter", () => {
    const text = readMobyDick();
    expect(text.startsWith("CHAPTER 1. Loomings.")).to.equal(true);
    expect(text.match(/^CHAPTER \d+\./gm)).to.have.length(35);
    expect(text.endsWith("Heed it well, ye Pantheists!\n")).to.equal(true);
  });
});

describe("windowLoaders()", () => {
  const corpus = createCorpus("abcdefghijklmnopqrst", 0.45);
  const options = { context: 4, batchSize: 2, seed: 1 };

  it("trains on windows from anywhere in the training text", async () => {
    const { trainLoader } = windowLoaders(corpus, options);
    const { ids } = await trainLoader.batch(0, 0);
    expect(ids!.shape).to.deep.equal([2, 5]);
    for (const start of [0, 5]) {
      const window = [...ids!.values.subarray(start, start + 5)];
      expect(window).to.deep.equal(window.map((_, i) => window[0]! + i));
      expect(window[4]).to.be.below(11);
    }
  });

  it("tells every held-out character but the first once", async () => {
    const { valLoader } = windowLoaders(corpus, options);
    expect(valLoader.length).to.equal(1);
    const { ids } = await valLoader.batch(0, 0);
    expect([...ids!.values]).to.deep.equal([11, 12, 13, 14, 15, 15, 16, 17, 18, 19]);
  });
});
