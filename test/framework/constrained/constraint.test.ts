import { expect } from "chai";
import { describe, it } from "mocha";

import { Constraint } from "../../../framework/constrained/constraint.ts";
import { ConstraintMemory } from "../../../framework/constrained/constraintMemory.ts";
import { jsonOf } from "../../../framework/constrained/texts.ts";
import { vocabulary } from "./drawText.ts";

describe("Constraint", () => {
  it("takes ever more texts, whatever their values are nested in", () => {
    const memory = new ConstraintMemory(2 ** 30);
    const constraint = new Constraint(vocabulary, jsonOf(true), { memory });
    const first = constraint.begin();
    let most = 0;
    for (let number = 0; number < 2 ** 11; number++) {
      const nested = Array.from({ length: 16 }, (_, bit) => ((number >> bit) & 1 ? "[" : '{"":'));
      let text = constraint.begin();
      most = Math.max(most, memory.bytes);
      for (const byte of Buffer.from(nested.join(""))) text = text.add(byte);
      expect(text.allowed(100).has("7".charCodeAt(0))).to.equal(true);
    }
    expect(most, "those of all would be 80 MB").to.be.below(20e6);
    expect(first.add("7".charCodeAt(0)).mayEnd, "who is under way goes on").to.equal(true);
  });
});
