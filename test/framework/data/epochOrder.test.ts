import { expect } from "chai";
import { describe, it } from "mocha";

import {
  balancedWeights,
  sequentialOrder,
  shuffledOrder,
  weightedOrder,
} from "../../../framework/data/epochOrder.ts";

describe("epoch orders", () => {
  it("shuffledOrder() visits everything once, in another order each epoch", () => {
    const order = shuffledOrder(50, 1);
    const [first, second] = [[...order.indices(0)], [...order.indices(1)]];
    expect(first).to.not.deep.equal(second);
    expect(first.toSorted((a, b) => a - b)).to.deep.equal([...sequentialOrder(50).indices(9)]);
    expect([...shuffledOrder(50, 1).indices(1)]).to.deep.equal(second);
    expect([...shuffledOrder(50, 2).indices(1)]).to.not.deep.equal(second);
  });

  it("weightedOrder() draws each group equally often with balancedWeights()", () => {
    const groups = ["cat", "cat", "cat", "dog"];
    const weights = balancedWeights(groups);
    expect(weights).to.deep.equal([1 / 3, 1 / 3, 1 / 3, 1]);
    const drawn = weightedOrder(weights, 5, { length: 8000 }).indices(0);
    const counts = groups.map((_, i) => drawn.filter((index) => index === i).length);
    // Four standard deviations of a binomial: 4 * sqrt(8000 * p * (1 - p)) for p = 1/6 and 1/2.
    for (const count of counts.slice(0, 3)) expect(count).to.be.closeTo(8000 / 6, 134);
    expect(counts[3]).to.be.closeTo(4000, 179);
  });

  it("weightedOrder() never draws a weight of 0", () => {
    expect(new Set(weightedOrder([0, 1, 0], 5, { length: 100 }).indices(3))).to.deep.equal(
      new Set([1]),
    );
  });

  it("refuses nothing to draw and bad weights", () => {
    expect(() => shuffledOrder(0, 1)).to.throw(RangeError, "expected at least one, got 0");
    expect(() => weightedOrder([1, -1], 1)).to.throw(RangeError, "got -1 at 1");
    expect(() => weightedOrder([0, 0], 1)).to.throw(RangeError, "above 0");
  });
});
