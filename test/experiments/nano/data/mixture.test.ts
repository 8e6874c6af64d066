import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, tokenDocuments, type TokenDocuments } from "seedbed";

import { mixDocuments } from "../../../../experiments/nano/data/mixture.ts";

/** Documents of one id each: 0 to 9 are facts, 10 to 13 calls. */
const documents = tokenDocuments(Array.from({ length: 14 }, (_, id) => ({ ids: [id] })));
const counts = [
  { source: "facts", documents: 10 },
  { source: "calls", documents: 4 },
];

const idsOf = ({ ids }: TokenDocuments): number[] => [...ids];

describe("mixDocuments()", () => {
  it("has sources that are not named once", () => {
    expect(idsOf(mixDocuments(documents, counts, {}, 0))).to.deep.equal(idsOf(documents));
    const calls = idsOf(mixDocuments(documents, counts, { facts: 2 }, 0)).slice(20);
    expect(calls).to.deep.equal([10, 11, 12, 13]);
  });

  it("repeats a source, and draws a share of it for a fraction", () => {
    const mixed = idsOf(mixDocuments(documents, counts, { facts: 2.3, calls: 0.5 }, 0));
    expect(mixed).to.have.length(23 + 2);
    const times = documents.ids.reduce(
      (most, id) => Math.max(most, mixed.filter((each) => each === id).length),
      0,
    );
    expect(times).to.equal(3);
    for (let id = 0; id < 10; id++) {
      expect(mixed.filter((each) => each === id).length).to.be.within(2, 3);
    }
    expect(new Set(mixed.slice(23)), "no call twice").to.have.property("size", 2);
  });

  it("draws the same for the same seed, and other documents for another", () => {
    const drawn = (seed: number): number[] =>
      idsOf(mixDocuments(documents, counts, { facts: 0.5, calls: 0 }, seed));
    expect(drawn(1)).to.deep.equal(drawn(1));
    expect(drawn(1)).to.not.deep.equal(drawn(2));
    expect(drawn(1)).to.have.length(5);
  });

  it("takes nothing of sources that the data were built without", () => {
    const mixed = mixDocuments(documents, counts, { poems: 2, facts: 0 }, 0);
    expect(idsOf(mixed)).to.deep.equal([10, 11, 12, 13]);
  });

  it("refuses a mixture of nothing", () => {
    expect(() => mixDocuments(documents, counts, { facts: 0, calls: 0 }, 0)).to.throw(
      InputError,
      "got data.mixture of 0",
    );
  });
});
