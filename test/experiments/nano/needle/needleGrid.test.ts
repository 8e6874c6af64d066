import { expect } from "chai";
import { describe, it } from "mocha";
import type { GenerationTarget } from "seedbed";

import {
  needleGrid,
  needleTable,
  type NeedleGridOptions,
} from "../../../../experiments/nano/needle/needleGrid.ts";
import { needleOf, needlePrompt } from "../../../../experiments/nano/needle/needlePrompts.ts";

/** Each character is a token; 1 ends a turn. */
const tokenizer: NeedleGridOptions["tokenizer"] = {
  textIds: (text: string) => Array.from(text, (each) => each.codePointAt(0)!),
  idOf: () => 1,
  decode: (ids: Iterable<number>) => String.fromCodePoint(...ids),
};
const haystack = tokenizer.textIds("the sea was calm, ");
const text = (ids: readonly number[]): string => tokenizer.decode(ids);

/** Says the number of the last `sees` tokens, if there is one. */
function reader(sees: number): GenerationTarget {
  let seen: number[] = [];
  let said: number[] = [];
  const next = (): Float32Array[] => {
    const logits = new Float32Array(256);
    logits[said.shift() ?? 1] = 1;
    return [logits];
  };
  return {
    ...{ rows: 1, capacity: Infinity, isRewindable: false },
    length: () => seen.length,
    async feed(_row, tokens) {
      seen = [...tokens];
      const [number = ""] = /\d{4}/.exec(text(seen.slice(-sees))) ?? [];
      said = tokenizer.textIds(number);
      return next();
    },
    step: async () => next(),
    truncate: async () => {},
    reset: async () => {},
  };
}

describe("needlePrompt()", () => {
  it("hides the fact at its depth in a text of just that length, before the question", () => {
    for (const [depth, share] of [
      [0, 0],
      [0.5, 0.5],
      [1, 1],
    ] as const) {
      const needle = needleOf(0, 3);
      const prompt = text(needlePrompt(tokenizer, { haystack, needle, length: 400, depth }));
      expect(prompt).to.have.length(400);
      const [before, after] = prompt.split(needle.sentence);
      const prose = 400 - needle.sentence.length - prompt.replaceAll(/[^]*\n(?=What)/g, "").length;
      expect(before!.length / prose).to.be.closeTo(share, 0.1);
      expect(after).to.match(/What is the secret number\?/);
    }
  });

  it("asks for other numbers in other trials, and needs room", () => {
    expect(new Set([0, 1, 2, 3].map((trial) => needleOf(0, trial).answer)).size).to.equal(4);
    expect(needleOf(0, 1)).to.deep.equal(needleOf(0, 1));
    const short = { haystack, needle: needleOf(0, 0), length: 20, depth: 0 };
    expect(() => needlePrompt(tokenizer, short)).to.throw(/Cannot hide a needle: .* got 18 and 20/);
  });
});

describe("needleGrid()", () => {
  const options = { tokenizer, haystack, lengths: [300, 600], depths: [0, 1], trials: 2, seed: 1 };

  it("tells what is found from what is out of sight", async () => {
    const all = await needleGrid({ ...options, engine: reader(Infinity) });
    expect(all.map(({ found }) => found)).to.deep.equal([2, 2, 2, 2]);
    const near = await needleGrid({ ...options, engine: reader(150) });
    expect(near.map(({ found }) => found)).to.deep.equal([0, 2, 0, 2]);
    expect(needleTable(near)).to.equal(
      [
        "| tokens | 0 % | 100 % |",
        "| ---: | ---: | ---: |",
        "| 300 | 0/2 | 2/2 |",
        "| 600 | 0/2 | 2/2 |",
      ].join("\n"),
    );
  });
});
