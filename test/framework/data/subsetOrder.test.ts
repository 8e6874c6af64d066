import { expect } from "chai";
import { describe, it } from "mocha";

import { distributedOrder } from "../../../framework/data/distributedOrder.ts";
import { sequentialOrder, shuffledOrder, visitNumber } from "../../../framework/data/epochOrder.ts";
import { subsetOrder } from "../../../framework/data/subsetOrder.ts";

describe("subsetOrder()", () => {
  it("visits the named examples in the order that is made for them", () => {
    expect([...subsetOrder([7, 3, 5], sequentialOrder).indices(2)]).to.deep.equal([7, 3, 5]);
    const shuffled = subsetOrder([7, 3, 5], (length) => shuffledOrder(length, 1));
    const places = [...shuffledOrder(3, 1).indices(2)];
    expect([...shuffled.indices(2)]).to.deep.equal(places.map((place) => [7, 3, 5][place]));
  });

  it("keeps the visit numbers of the order inside", () => {
    const order = subsetOrder([7, 3, 5, 4], (length) =>
      distributedOrder(sequentialOrder(length), { rank: 1, worldSize: 2 }),
    );
    expect([0, 1].map((visit) => visitNumber(order, 2, visit))).to.deep.equal([9, 11]);
  });

  it("refuses an empty subset", () => {
    expect(() => subsetOrder([], sequentialOrder)).to.throw(RangeError, "at least one, got 0");
  });
});
