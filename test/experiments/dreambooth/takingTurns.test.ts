import { expect } from "chai";
import { describe, it } from "mocha";
import { shuffledOrder } from "seedbed";

import { takingTurns } from "../../../experiments/dreambooth/takingTurns.ts";

describe("takingTurns()", () => {
  const order = { length: 3, indices: (epoch: number) => Int32Array.of(2, 0, epoch) };

  it("visits the same example of each dataset in turn", () => {
    const turns = takingTurns(order, 2);
    expect(turns.length).to.equal(6);
    expect([...turns.indices(1)]).to.deep.equal([4, 5, 0, 1, 2, 3]);
  });

  it("is the order itself for one dataset", () => {
    const shuffled = shuffledOrder(5, 1);
    expect(takingTurns(shuffled, 1)).to.equal(shuffled);
  });
});
