import { expect } from "chai";
import { describe, it } from "mocha";

import { nearest, suggest } from "../../../framework/base/nearest.ts";

const known = ["attn1", "attn2", "down_blocks"];

describe("nearest()", () => {
  const cases: [name: string, found: string | undefined][] = [
    ["attn2", "attn2"],
    ["Down_block", "down_blocks"],
    ["up_sampler", undefined],
  ];
  for (const [name, found] of cases) {
    it(`gives ${String(found)} for ${name}`, () => {
      expect(nearest(name, known)).to.equal(found);
    });
  }
});

describe("suggest()", () => {
  it("ends a message with the nearest name, or with all", () => {
    expect(suggest("attn", known)).to.equal('; did you mean "attn1"?');
    expect(suggest("up_sampler", known)).to.equal("; known: attn1, attn2, down_blocks");
    expect(suggest("x", [])).to.equal("");
  });
});
