import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { createLoader } from "../../../framework/data/createLoader.ts";
import { mapDataset } from "../../../framework/data/dataset.ts";

describe("mapDataset()", () => {
  const words = { length: 3, get: (index: number) => "abc".slice(index) };

  it("puts each item through the transform", async () => {
    const dataset = mapDataset(words, (word) => ({
      letters: hostTensor(Int32Array.of(word.length), []),
    }));
    const loader = createLoader({ dataset, batchSize: 3, seed: 0 });
    expect((await loader.batch(0, 0))["letters"]!.values).to.deep.equal(Int32Array.of(3, 2, 1));
  });

  it("lets the dataset draw first and the transform from the same stream after it", async () => {
    const drawn = { length: 1, get: (_: number, random: RandomStream) => random.uint32() };
    const dataset = mapDataset(drawn, (first, random) => [first, random.uint32()]);
    const random = new RandomStream(1, "test");
    expect(await dataset.get(0, new RandomStream(1, "test"))).to.deep.equal([
      random.uint32(),
      random.uint32(),
    ]);
  });
});
