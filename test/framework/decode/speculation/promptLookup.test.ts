import { expect } from "chai";
import { describe, it } from "mocha";

import { PromptLookup } from "../../../../framework/decode/speculation/promptLookup.ts";

function lookup(tokens: number[], options = {}): PromptLookup {
  const made = new PromptLookup(options);
  made.append(tokens);
  return made;
}

describe("PromptLookup", () => {
  it("proposes what followed the last tokens before", () => {
    expect(lookup([1, 2, 3, 4, 5, 1, 2]).propose(3)).to.deep.equal([3, 4, 5]);
  });

  it("prefers the longest match to a later one", () => {
    expect(lookup([1, 2, 9, 8, 2, 7, 1, 2]).propose(1)).to.deep.equal([9]);
  });

  it("prefers the latest of equal matches", () => {
    expect(lookup([1, 2, 5, 1, 2, 6, 1, 2]).propose(1)).to.deep.equal([6]);
  });

  it("may propose tokens that the match itself ends with", () => {
    expect(lookup([4, 4, 4]).propose(5)).to.deep.equal([4]);
  });

  it("proposes nothing after tokens it has not seen", () => {
    expect(lookup([1, 2, 3]).propose(4)).to.deep.equal([]);
  });

  it("looks for no shorter run than it is told", () => {
    expect(lookup([1, 2, 3, 9, 3], { shortest: 2 }).propose(1)).to.deep.equal([]);
  });

  it("finds the same when tokens come one by one", () => {
    const tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 1, 4];
    const oneByOne = new PromptLookup();
    for (const token of tokens) oneByOne.append([token]);
    expect(oneByOne.propose(4)).to.deep.equal(lookup(tokens).propose(4));
    expect(oneByOne.propose(4)).to.deep.equal([1, 5, 9, 2]);
  });

  it("refuses runs of no tokens", () => {
    expect(() => new PromptLookup({ shortest: 0 })).to.throw("got 0 to 3");
  });
});
