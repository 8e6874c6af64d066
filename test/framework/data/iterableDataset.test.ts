import { expect } from "chai";
import { describe, it } from "mocha";

import { mapIterable, type IterableDataset } from "../../../framework/data/iterableDataset.ts";

async function items<Item>(dataset: IterableDataset<Item>, epoch: number): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of dataset.iterate(epoch)) all.push(item);
  return all;
}

describe("mapIterable()", () => {
  const words = { length: 3, iterate: (epoch: number) => ["a", "bb", "c".repeat(epoch)] };

  it("puts each item through the transform, and keeps the declared length", async () => {
    const lengths = mapIterable(words, (word) => word.length, 0);
    expect(await items(lengths, 4)).to.deep.equal([1, 2, 4]);
    expect(lengths.length).to.equal(3);
    const unknown = mapIterable({ iterate: words.iterate }, (word) => word, 0);
    expect("length" in unknown).to.equal(false);
  });

  it("draws other numbers for each place and epoch, the same when iterated again", async () => {
    const drawn = mapIterable(words, (_, random) => random.uint32(), 7);
    const all = [...(await items(drawn, 0)), ...(await items(drawn, 1))];
    expect(new Set(all).size).to.equal(6);
    expect(await items(drawn, 1)).to.deep.equal(all.slice(3));
  });
});
