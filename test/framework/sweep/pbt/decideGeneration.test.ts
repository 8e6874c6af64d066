import { expect } from "chai";
import { describe, it } from "mocha";

import { decideGeneration } from "../../../../framework/sweep/pbt/decideGeneration.ts";

const eight = [8, 7, 6, 5, 4, 3, 2, 1];

/** Donors by member, from the values of members in order. */
function donors(
  values: readonly (number | undefined)[],
  seed = 0,
  quantile = 0.25,
): Map<number, number> {
  const members = values.map((value, index) => ({ index, value }));
  const decisions = decideGeneration(members, { seed, generation: 0, quantile });
  return new Map(
    decisions.flatMap(({ index, donor }) => (donor === undefined ? [] : [[index, donor] as const])),
  );
}

const membersOf = (found: ReadonlyMap<number, number>): number[] =>
  [...found.keys()].toSorted((a, b) => a - b);

describe("decideGeneration()", () => {
  it("lets the worst quarter go on from the best one", () => {
    for (const seed of [0, 1, 2, 3]) {
      const found = donors(eight, seed);
      expect(membersOf(found)).to.deep.equal([0, 1]);
      for (const donor of found.values()) expect(donor).to.be.oneOf([6, 7]);
    }
  });

  it("draws each donor by itself", () => {
    const drawn = Array.from({ length: 40 }, (_, seed) => donors(eight, seed).get(0));
    const share = drawn.filter((donor) => donor === 7).length / 40;
    expect(share).to.be.within(0.3, 0.7);
    expect(donors(eight, 5)).to.deep.equal(donors(eight, 5));
  });

  it("does not depend on the order in which members come", () => {
    const members = eight.map((value, index) => ({ index, value }));
    const options = { seed: 1, generation: 3, quantile: 0.25 };
    expect(decideGeneration(members.toReversed(), options)).to.deep.equal(
      decideGeneration(members, options),
    );
  });

  const cases: [about: string, values: (number | undefined)[], quantile: number, bad: number[]][] =
    [
      ["rounds up", [1, 2, 3, 4, 5], 0.25, [3, 4]],
      ["takes no more than half", [1, 2, 3], 0.5, [2]],
      ["replaces whatever has no value", [1, 2, undefined, Number.NaN], 0.25, [2, 3]],
      ["replaces none with a quantile of 0", [1, 2, 3, 4], 0, []],
    ];
  for (const [about, values, quantile, bad] of cases) {
    it(about, () => {
      expect(membersOf(donors(values, 0, quantile))).to.deep.equal(bad);
    });
  }
});
