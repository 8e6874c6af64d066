import { expect } from "chai";
import { describe, it } from "mocha";

import { ngramBits } from "../../../experiments/characterLanguageModel/ngramBits.ts";

const [a, b] = [0, 1];
const train = Int32Array.of(a, b, a, b, a, b);

describe("ngramBits()", () => {
  it("counts characters, with five more by the uniform distribution", () => {
    // a: (3 + 5 / 2) / (6 + 5) = 1/2, and so is b
    expect(ngramBits(train, Int32Array.of(a, b), { order: 1, characters: 2 })).to.equal(1);
    // of three characters, c was never seen: (0 + 5 / 3) / 11
    const bits = ngramBits(train, Int32Array.of(2), { order: 1, characters: 3 });
    expect(bits).to.be.closeTo(Math.log2(33 / 5), 1e-12);
  });

  it("looks at the characters before, and falls back on fewer", () => {
    // after a came b three times: (3 + 5 * 1/2) / (3 + 5) = 11/16; the first has none before it
    const bits = ngramBits(train, Int32Array.of(a, b), { order: 2, characters: 2 });
    expect(bits).to.be.closeTo((1 + Math.log2(16 / 11)) / 2, 1e-12);
  });

  it("predicts well what it has seen often", () => {
    const long = Int32Array.from({ length: 10_000 }, (_, i) => i % 3);
    const bits = [1, 2, 3].map((order) => ngramBits(long, long, { order, characters: 3 }));
    expect(bits[0]).to.be.closeTo(Math.log2(3), 1e-3);
    expect(bits[1]).to.be.below(0.01);
    expect(bits[2]).to.be.below(0.01);
  });
});
