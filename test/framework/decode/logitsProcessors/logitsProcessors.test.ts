import { expect } from "chai";
import { describe, it } from "mocha";

import * as processors from "../../../../framework/decode/logitsProcessors/index.ts";

const none = -Infinity;
/** Probabilities of five tokens, as logits. */
const shares = [0.5, 0.2, 0.2, 0.06, 0.04];

function kept(process: processors.LogitsProcessor, ids: number[] = []): number[] {
  const logits = Float32Array.from(shares, Math.log);
  process(logits, ids);
  return [...logits.keys()].filter((i) => logits[i] !== none);
}

describe("logits processors", () => {
  for (const [title, process, expected] of [
    ["topK() keeps what is as likely as the last", processors.topK(2), [0, 1, 2]],
    ["topK() keeps all of a smaller vocabulary", processors.topK(9), [0, 1, 2, 3, 4]],
    ["topP() stops at the mass, between equals too", processors.topP(0.6), [0, 1]],
    ["topP() keeps the likeliest for any mass", processors.topP(0), [0]],
    ["topP() keeps all for the whole mass", processors.topP(1), [0, 1, 2, 3, 4]],
    ["minP() cuts below a share of the likeliest", processors.minP(0.3), [0, 1, 2]],
    ["epsilon() cuts below a probability", processors.epsilon(0.05), [0, 1, 2, 3]],
    ["epsilon() keeps the likeliest", processors.epsilon(0.9), [0]],
    ["typical() keeps what informs as expected", processors.typical(0.3), [1, 2]], // 1.29 nats
    ["badWords() forbids single tokens", processors.badWords([[1]]), [0, 2, 3, 4]],
  ] as const) {
    it(title, () => expect(kept(process)).to.deep.equal(expected));
  }

  it("noRepeatNgram() forbids what would repeat, whatever its place", () => {
    expect(kept(processors.noRepeatNgram(2), [1, 3, 1, 4, 1])).to.deep.equal([0, 1, 2]);
    expect(kept(processors.noRepeatNgram(3), [1, 3])).to.deep.equal([0, 1, 2, 3, 4]);
    expect(kept(processors.noRepeatNgram(1), [2])).to.deep.equal([0, 1, 3, 4]);
  });

  it("badWords() forbids the end of a sequence after its beginning alone", () => {
    const process = processors.badWords([[2, 3, 4]]);
    expect(kept(process, [0, 2, 3])).to.deep.equal([0, 1, 2, 3]);
    expect(kept(process, [2, 0, 3])).to.deep.equal([0, 1, 2, 3, 4]);
    expect(kept(process, [3])).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("countPenalties() counts what follows the prompt", () => {
    const logits = Float32Array.of(4, 4, 4);
    const options = { frequencyPenalty: 0.5, presencePenalty: 1, promptLength: 1 };
    processors.countPenalties(options)(logits, [2, 0, 0, 1]);
    expect([...logits]).to.deep.equal([2, 2.5, 4]);
  });

  it("repetitionPenalty() makes each token less likely once, on both sides of zero", () => {
    const logits = Float32Array.of(4, -4, 4);
    processors.repetitionPenalty(2)(logits, [0, 0, 1]);
    expect([...logits]).to.deep.equal([2, -8, 4]);
  });

  it("temperature() leaves numbers, however low it is", () => {
    const logits = Float32Array.of(4, -4, 3.5);
    processors.temperature(1e-45)(logits, []);
    expect([...logits].every(Number.isFinite)).to.equal(true);
    expect([...processors.probabilities(logits)]).to.deep.equal([1, 0, 0]);
  });

  it("refuse what has no meaning", () => {
    expect(() => processors.topP(2)).to.throw(RangeError, "expected top_p in [0, 1], got 2");
    expect(() => processors.topK(0)).to.throw("expected top_k to be an integer >= 1, got 0");
    expect(() => processors.temperature(0)).to.throw("expected temperature > 0, got 0");
  });
});

describe("topLogProbabilities()", () => {
  it("lists the likeliest, equal ones in their order", () => {
    const top = processors.topLogProbabilities(Float32Array.from(shares, Math.log), 2);
    expect(top.map(({ id }) => id)).to.deep.equal([0, 1]);
    expect(top[0]!.logProbability).to.be.closeTo(Math.log(0.5), 1e-6);
  });
});
