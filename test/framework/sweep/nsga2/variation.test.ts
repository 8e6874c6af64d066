import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { crossedNumber, mutatedNumber } from "../../../../framework/sweep/nsga2/variation.ts";

/** A stream of which the first draws are given. */
function played(...draws: number[]): RandomStream {
  const stream = new RandomStream(0, "test");
  stream.uniform = () => draws.shift()!;
  return stream;
}

const many = (of: (stream: RandomStream) => number): number[] => {
  const stream = new RandomStream(1, "test");
  return Array.from({ length: 2000 }, () => of(stream));
};

describe("crossedNumber()", () => {
  // By hand, parents 0.4 and 0.6: most = 1 + 2 * 0.4 / 0.2 = 5, alpha = 2 - 5^-6,
  // beta = (0.1 alpha)^(1/6) = 0.764720, the lower child is (1 - 0.2 beta) / 2.
  it("spreads children as the distribution says", () => {
    expect(crossedNumber(0.4, 0.6, played(0.1, 0.2))).to.be.closeTo(0.423528, 1e-7);
    expect(crossedNumber(0.6, 0.4, played(0.1, 0.7))).to.be.closeTo(0.576472, 1e-7);
    // For 0.9 it is beta = (1 / (2 - 0.9 alpha))^(1/6) = 1.307598.
    expect(crossedNumber(0.4, 0.6, played(0.9, 0.2))).to.be.closeTo(0.3692402, 1e-7);
  });

  it("stays within bounds, around the parents", () => {
    for (const [a, b] of [
      [0, 1],
      [0.01, 0.3],
      [0.5, 0.5],
    ] as const) {
      const children = many((stream) => crossedNumber(a, b, stream));
      expect(Math.min(...children)).to.be.at.least(0);
      expect(Math.max(...children)).to.be.at.most(1);
      const mean = children.reduce((sum, child) => sum + child, 0) / children.length;
      expect(mean).to.be.closeTo((a + b) / 2, 0.05);
    }
  });
});

describe("mutatedNumber()", () => {
  // By hand: 0.3 + (0.2 + 0.8 * 0.7^21)^(1/21) - 1, and 0.3 + 1 - (0.2 + 0.8 * 0.3^21)^(1/21).
  it("moves as the distribution says", () => {
    expect(mutatedNumber(0.3, played(0.1))).to.be.closeTo(0.2263218, 1e-7);
    expect(mutatedNumber(0.3, played(0.9))).to.be.closeTo(0.3737767, 1e-7);
    expect(mutatedNumber(0.3, played(0.5))).to.be.closeTo(0.3, 1e-12);
  });

  it("stays within bounds", () => {
    for (const x of [0, 0.02, 1]) {
      const moved = many((stream) => mutatedNumber(x, stream));
      expect(Math.min(...moved)).to.be.at.least(0);
      expect(Math.max(...moved)).to.be.at.most(1);
    }
  });
});
