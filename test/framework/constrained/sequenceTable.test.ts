import { expect } from "chai";
import { describe, it } from "mocha";

import { Expressions } from "../../../framework/constrained/expressions.ts";
import { SequenceTable } from "../../../framework/constrained/sequenceTable.ts";

describe("SequenceTable", () => {
  it("finds sequences by both of their parts, however many there are", () => {
    const make = new Expressions();
    const bytes = Array.from({ length: 40 }, (_, i) => make.bytes([[i, i]]));
    const table = new SequenceTable();
    for (const head of bytes) {
      for (const tail of bytes) {
        expect(table.find(head, tail)).to.equal(undefined);
        const made = make.sequence(head, tail);
        if (made.kind === "sequence") table.add(made);
      }
    }
    for (const head of bytes) {
      for (const tail of bytes) expect(table.find(head, tail)).to.equal(make.sequence(head, tail));
    }
  });
});
