import { expect } from "chai";
import { describe, it } from "mocha";

import { inBuckets } from "../../../framework/distributed/buckets.ts";

describe("inBuckets()", () => {
  async function bucketsOf(lengths: number[]): Promise<{ seen: number[]; arrays: number[][] }> {
    let next = 0;
    const arrays = lengths.map((length) => Float32Array.from({ length }, () => next++));
    const seen: number[] = [];
    await inBuckets(
      arrays,
      async (bucket) => {
        seen.push(bucket.length);
        for (const [i, value] of bucket.entries()) bucket[i] = value * 10;
      },
      4,
    );
    return { seen, arrays: arrays.map((array) => [...array]) };
  }

  it("copies short arrays together and back", async () => {
    const { seen, arrays } = await bucketsOf([1, 2, 1, 2]);
    expect(seen).to.deep.equal([4, 2]);
    expect(arrays).to.deep.equal([[0], [10, 20], [30], [40, 50]]);
  });

  it("cuts long arrays", async () => {
    const { seen, arrays } = await bucketsOf([9, 1]);
    expect(seen).to.deep.equal([4, 4, 1, 1]);
    expect(arrays).to.deep.equal([[0, 10, 20, 30, 40, 50, 60, 70, 80], [90]]);
  });

  it("calls nobody for nothing", async () => {
    expect((await bucketsOf([])).seen).to.deep.equal([]);
  });
});
