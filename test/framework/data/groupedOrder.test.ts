import { expect } from "chai";
import { describe, it } from "mocha";

import { distributedOrder } from "../../../framework/data/distributedOrder.ts";
import { groupedOrder } from "../../../framework/data/groupedOrder.ts";

/** Seven examples of group 5, three of group 9, mixed. */
const groups = [5, 9, 5, 5, 9, 5, 5, 5, 9, 5];

function batchesOf(indices: Int32Array, batchSize: number): number[][] {
  return Array.from({ length: indices.length / batchSize }, (_, i) => [
    ...indices.subarray(i * batchSize, (i + 1) * batchSize),
  ]);
}

describe("groupedOrder()", () => {
  const order = groupedOrder(groups, { batchSize: 2, seed: 3 });

  it("visits every example in batches of one group, each epoch in another order", () => {
    expect(order.length).to.equal(12); // four batches of group 5, two of group 9
    for (let epoch = 0; epoch < 5; epoch++) {
      const indices = order.indices(epoch);
      expect(new Set(indices).size).to.equal(10);
      for (const batch of batchesOf(indices, 2)) {
        expect(new Set(batch.map((index) => groups[index])).size).to.equal(1);
      }
    }
    expect(order.indices(0)).to.not.deep.equal(order.indices(1));
    expect(order.indices(0)).to.deep.equal(order.indices(0));
  });

  it("mixes the groups' batches", () => {
    const groupOf = (epoch: number) => groups[order.indices(epoch)[0]!];
    expect(new Set(Array.from({ length: 20 }, (_, epoch) => groupOf(epoch)))).to.deep.equal(
      new Set([5, 9]),
    );
  });

  it("begins again until there are as many batches as wanted", () => {
    const longer = groupedOrder(groups, { batchSize: 2, seed: 3, batches: 9 });
    expect(longer.length).to.equal(18);
    expect(longer.indices(1).slice(0, 12)).to.deep.equal(order.indices(1));
    expect(new Set(longer.indices(1).slice(0, 12)).size).to.equal(10);
  });

  it("fills the batch of a group that is smaller", () => {
    const indices = groupedOrder([1], { batchSize: 3, seed: 0 }).indices(0);
    expect([...indices]).to.deep.equal([0, 0, 0]);
  });

  it("gives each of two processes batches of one group, the same one at the same time", () => {
    const whole = groupedOrder(groups, { batchSize: 4, seed: 3 });
    const shares = [0, 1].map((rank) => distributedOrder(whole, { rank, worldSize: 2 }).indices(0));
    const [first, second] = shares.map((indices) =>
      batchesOf(indices, 2).map((batch) => batch.map((index) => groups[index])),
    );
    expect(first).to.deep.equal(second);
    for (const [a, b] of first!) expect(a).to.equal(b);
  });
});
