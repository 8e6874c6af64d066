import { expect } from "chai";
import { describe, it } from "mocha";

import {
  acceptance,
  greedyProbabilities,
  drawToken,
} from "../../../../framework/decode/speculation/acceptance.ts";

const target = Float64Array.of(0.5, 0.25, 0.125, 0.125);

describe("acceptance()", () => {
  /** Probability of each token in the end, when `token` is proposed with probability `draft[token]`. */
  function outcome(draft: Float64Array): number[] {
    const outcomes = [0, 0, 0, 0];
    for (const [token, q] of draft.entries()) {
      if (q === 0) continue;
      const { probability, otherwise } = acceptance(target, token, draft);
      outcomes[token]! += q * probability;
      for (const [other, p] of otherwise.entries()) outcomes[other]! += q * (1 - probability) * p;
    }
    return outcomes;
  }

  for (const draft of [
    [0.25, 0.25, 0.25, 0.25],
    [0.125, 0.125, 0.25, 0.5],
    [0.5, 0.25, 0.125, 0.125],
    [0, 0, 1, 0],
  ]) {
    it(`leaves the model's probabilities with proposals from ${draft.join(", ")}`, () => {
      for (const [token, p] of outcome(Float64Array.from(draft)).entries()) {
        expect(p).to.be.closeTo(target[token]!, 1e-15);
      }
    });
  }

  for (const token of [0, 1, 2, 3]) {
    it(`leaves the model's probabilities when ${token} is proposed for certain`, () => {
      const { probability, otherwise } = acceptance(target, token);
      const outcomes = otherwise.map(
        (p, i) => (1 - probability) * p + (i === token ? probability : 0),
      );
      expect([...outcomes]).to.deep.equal([...target]);
    });
  }

  it("refuses a proposal that could not have been drawn", () => {
    const draft = Float64Array.of(1, 0, 0, 0);
    expect(() => acceptance(target, 1, draft)).to.throw("Cannot accept token 1");
  });
});

describe("drawToken()", () => {
  it("gives each token a stretch of [0, 1) as long as its probability", () => {
    const picked = [0, 0.49, 0.5, 0.74, 0.75, 0.874, 0.875, 0.999].map((u) => drawToken(target, u));
    expect(picked).to.deep.equal([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it("never picks what has no probability", () => {
    expect(drawToken(Float64Array.of(0, 1, 0), 0)).to.equal(1);
    expect(drawToken(Float64Array.of(0, 1, 0), 1 - 2 ** -32)).to.equal(1);
  });

  it("refuses probabilities that are all 0", () => {
    expect(() => drawToken(new Float64Array(3), 0.5)).to.throw("no probability is above 0");
  });
});

describe("greedyProbabilities()", () => {
  it("takes the first of the likeliest tokens", () => {
    expect([...greedyProbabilities(Float32Array.of(1, 3, 3, 2))]).to.deep.equal([0, 1, 0, 0]);
  });
});
