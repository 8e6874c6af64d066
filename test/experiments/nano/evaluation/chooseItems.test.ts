import { expect } from "chai";
import { describe, it } from "mocha";

import { chooseItems } from "../../../../experiments/nano/evaluation/chooseItems.ts";

const items = Array.from({ length: 50 }, (_, i) => `item ${i}`);
const choose = (limit: number | null, from = items): string[] => chooseItems(from, limit, String);

describe("chooseItems()", () => {
  it("keeps all without a limit, or where there are fewer", () => {
    expect(choose(null)).to.deep.equal(items);
    expect(choose(60)).to.deep.equal(items);
  });

  it("keeps the given order, from all over the items", () => {
    const chosen = choose(10);
    expect(chosen).to.have.length(10);
    expect(chosen).to.deep.equal(items.filter((item) => chosen.includes(item)));
    expect(chosen).to.not.deep.equal(items.slice(0, 10));
  });

  it("keeps the same ones whatever else there is, and with a larger limit", () => {
    expect(new Set(choose(10, items.toReversed()))).to.deep.equal(new Set(choose(10)));
    expect(choose(20)).to.include.members(choose(10));
  });
});
