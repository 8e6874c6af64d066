import { expect } from "chai";
import { describe, it } from "mocha";

import { cascade, uncertainty } from "../../../../../framework/serve/routing/routers/cascade.ts";

describe("cascade()", () => {
  it("is unsure by the geometric mean of the tokens' probabilities", () => {
    const meanLogProbability = (Math.log(0.9) + Math.log(0.4)) / 2;
    const expected = 1 - Math.sqrt(0.9 * 0.4);
    expect(uncertainty({ meanLogProbability, hasFailed: false })).to.be.closeTo(expected, 1e-12);
  });

  it("is sure of certain tokens, and never of an answer that failed", () => {
    expect(uncertainty({ meanLogProbability: 0, hasFailed: false })).to.equal(0);
    expect(uncertainty({ meanLogProbability: 0, hasFailed: true })).to.equal(1);
  });

  it("judges a streamed answer by its first 32 tokens", () => {
    expect(cascade()).to.include({ kind: "answer", threshold: 0.25, heldTokens: 32 });
  });
});
