import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { greedyProbabilities } from "../../../../framework/decode/speculation/acceptance.ts";
import {
  SpeculativeDecoder,
  type SpeculationTarget,
} from "../../../../framework/decode/speculation/speculativeDecoder.ts";
import { nanoEngine, nanoGolden } from "../nanoEngine.ts";

/** A model of three tokens: what follows depends on the last one alone. */
const following = [
  [0.6, 0.3, 0.1],
  [0.2, 0.2, 0.6],
  [0.45, 0.45, 0.1],
];

class TinyModel implements SpeculationTarget {
  readonly tokens: number[];
  constructor(tokens: number[]) {
    this.tokens = tokens;
  }
  length(): number {
    return this.tokens.length;
  }
  async feed(_row: number, tokens: readonly number[]): Promise<Float32Array[]> {
    this.tokens.push(...tokens);
    return tokens.map((token) => Float32Array.from(following[token]!, Math.log));
  }
  async truncate(_row: number, length: number): Promise<void> {
    this.tokens.length = length;
  }
}

const softmax = (logits: Float32Array): Float32Array => logits.map(Math.exp);

describe("SpeculativeDecoder", () => {
  const golden = [...nanoGolden("smollm2-tiny", "greedy").values];
  const [prompt, length] = [golden.slice(0, 6), golden.length];

  it("continues a text greedily as the reference does", async () => {
    const engine = nanoEngine("smollm2-tiny");
    await engine.feed(0, prompt.slice(0, -1));
    const uniform = (): number => {
      throw new Error("greedy texts need no chance");
    };
    const decoder = new SpeculativeDecoder(engine, 0, prompt, {
      distribution: greedyProbabilities,
      uniform,
    });
    while (decoder.tokens.length < length) await decoder.next(length - decoder.tokens.length);
    expect(decoder.tokens).to.deep.equal(golden);
    expect(engine.length(0)).to.equal(length - 1);
    await engine.dispose();
  });

  it("continues a text that repeats itself in fewer runs, with the same tokens", async () => {
    const text = Array.from({ length: 24 }, (_, i) => [5, 9, 100, 41][i % 4]!);
    const plain = [...text];
    const engine = nanoEngine("smollm2-tiny", { rows: 2 });
    for (const [row, tokens] of [text, text].entries()) await engine.feed(row, tokens.slice(0, -1));
    while (plain.length < 48) {
      const [logits] = await engine.feed(0, plain.slice(-1));
      plain.push(greedyProbabilities(logits!).indexOf(1));
    }
    const decoder = new SpeculativeDecoder(engine, 1, text, {
      distribution: greedyProbabilities,
      uniform: () => 0,
      proposals: 6,
    });
    while (decoder.tokens.length < 48) await decoder.next(48 - decoder.tokens.length);
    expect(decoder.tokens).to.deep.equal(plain);
    const { runs, accepted } = decoder.report();
    expect(runs + accepted).to.equal(24);
    expect(accepted).to.be.above(0);
    await engine.dispose();
  });

  it("draws three tokens as often as the model does alone", async () => {
    const [samples, prompted] = [20_000, [0, 1, 2, 0, 1]];
    const counts = new Map<string, number>();
    const random = new RandomStream(1, "speculation");
    let accepted = 0;
    for (let i = 0; i < samples; i++) {
      const decoder = new SpeculativeDecoder(new TinyModel(prompted.slice(0, -1)), 0, prompted, {
        distribution: softmax,
        uniform: () => random.uniform(),
        proposals: 2,
      });
      while (decoder.tokens.length < 8) await decoder.next(8 - decoder.tokens.length);
      const drawn = decoder.tokens.slice(5).join();
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
      accepted += decoder.report().accepted;
    }
    let chiSquare = 0;
    for (const a of [0, 1, 2]) {
      for (const b of [0, 1, 2]) {
        for (const c of [0, 1, 2]) {
          const p = following[1]![a]! * following[a]![b]! * following[b]![c]!;
          const count = counts.get([a, b, c].join()) ?? 0;
          chiSquare += (count - samples * p) ** 2 / (samples * p);
        }
      }
    }
    // 26 degrees of freedom: above 54.1 once in a thousand seeds.
    expect(chiSquare).to.be.below(54.1);
    expect(accepted).to.be.above(samples / 2);
  });

  it("asks for a target that lacks the last token alone", () => {
    const options = { distribution: softmax, uniform: () => 0 };
    const make = (): unknown => new SpeculativeDecoder(new TinyModel([1, 2]), 0, [1, 2], options);
    expect(make).to.throw("expected row 0 to have all but the last of 2 tokens, got 2");
  });
});
