import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { bucketedOrder } from "../../../framework/data/bucketedOrder.ts";

/** Lengths 1 to 100 of 103 texts, in random order. */
const lengths = new RandomStream(9, "lengths").permutation(103).map((i) => (i % 100) + 1);

/** The lengths in each batch of an epoch. */
function batches(indices: Int32Array, batchSize: number): number[][] {
  const all = [...indices].map((i) => lengths[i]!);
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}

const spread = (batch: readonly number[]): number => Math.max(...batch) - Math.min(...batch);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("bucketedOrder()", () => {
  const order = bucketedOrder(lengths, { batchSize: 5, seed: 1 });

  it("visits every example once in each epoch", () => {
    for (const epoch of [0, 1]) {
      expect([...order.indices(epoch)].toSorted((a, b) => a - b)).to.deep.equal([
        ...Array(103).keys(),
      ]);
    }
  });

  it("puts similar lengths into a batch", () => {
    // A window has 25 of 100 lengths: a fifth of it spans about 20; five of 100 drawn freely, 67.
    const full = batches(order.indices(0), 5).slice(0, 20);
    expect(mean(full.map(spread))).to.be.below(30);
  });

  it("mixes short and long batches, and makes others in another epoch", () => {
    const means = batches(order.indices(0), 5).slice(0, 20).map(mean);
    expect(means).to.not.deep.equal(means.toSorted((a, b) => a - b));
    const [first, second] = [0, 1].map((epoch) =>
      batches(order.indices(epoch), 5).map((batch) => batch.toSorted((a, b) => a - b).join()),
    );
    expect(first!.filter((batch) => second!.includes(batch))).to.deep.equal([]);
  });

  it("depends on the epoch and the seed alone", () => {
    const again = bucketedOrder(lengths, { batchSize: 5, seed: 1 });
    expect(again.indices(1)).to.deep.equal(order.indices(1));
    const other = bucketedOrder(lengths, { batchSize: 5, seed: 2 });
    expect(other.indices(1)).to.not.deep.equal(order.indices(1));
  });

  it("sorts the whole epoch into batches when the window is as large", () => {
    const sorted = bucketedOrder([3, 1, 4, 2], { batchSize: 2, seed: 1, windowBatches: 2 });
    const pairs = [...sorted.indices(0)].map((i) => [3, 1, 4, 2][i]!);
    expect([pairs.slice(0, 2), pairs.slice(2)]).to.have.deep.members([
      [1, 2],
      [3, 4],
    ]);
  });

  it("keeps the batch that is not full last, with examples of all lengths", () => {
    const last = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((epoch) => batches(order.indices(epoch), 5)[20]!);
    expect(last).to.have.length(8 * 3);
    expect(spread(last)).to.be.above(50);
  });

  it("refuses windows and batches of nothing", () => {
    expect(() => bucketedOrder(lengths, { batchSize: 0, seed: 1 })).to.throw(
      RangeError,
      "batchSize must be an integer >= 1, got 0",
    );
    expect(() => bucketedOrder(lengths, { batchSize: 2, seed: 1, windowBatches: 0.5 })).to.throw(
      RangeError,
      "windowBatches must be an integer >= 1, got 0.5",
    );
  });
});
