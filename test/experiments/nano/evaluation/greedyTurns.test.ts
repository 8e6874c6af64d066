import { expect } from "chai";
import { describe, it } from "mocha";
import type { DecodeEngine } from "seedbed";

import { greedyTurns } from "../../../../experiments/nano/evaluation/greedyTurns.ts";
import { likeliest } from "../../../../experiments/nano/evaluation/likeliest.ts";
import { tinyEngine } from "../tinyDecoders.ts";

const prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9], [2, 2], [10, 3, 1, 4]].map((ids) => ({
  ids,
  length: 9,
}));

/** What the model says when asked for one text after the other, token by token. */
async function oneByOne(engine: DecodeEngine, end: number): Promise<number[][]> {
  const said: number[][] = [];
  for (const { ids, length } of prompts) {
    await engine.reset(0);
    const tokens: number[] = [];
    let token = likeliest(await engine.prefill(0, ids));
    while (token !== end && tokens.length < length) {
      tokens.push(token);
      token = likeliest(await engine.prefill(0, [token]));
    }
    said.push(tokens);
  }
  return said;
}

describe("greedyTurns()", () => {
  const { engine } = tinyEngine({ rows: 2 });

  it("says on several rows what it says on one", async () => {
    const ends = [0, 3, 7, 11];
    const lengths = new Set<number>();
    for (const end of ends) {
      const expected = await oneByOne(engine(), end);
      expect(await greedyTurns(prompts, { engine: engine(), end })).to.deep.equal(expected);
      for (const { length } of expected) lengths.add(length);
    }
    expect(lengths.size).to.be.above(1);
  });

  it("stops where a text is full", async () => {
    const long = [
      { ids: Array.from({ length: 22 }, () => 1), length: 9 },
      { ids: Array.from({ length: 24 }, () => 1), length: 9 },
    ];
    const said = await greedyTurns(long, { engine: engine(), end: -1 });
    expect(said.map(({ length }) => length)).to.deep.equal([2, 0]);
  });

  it("tells of each answer", async () => {
    const told: number[] = [];
    await greedyTurns(prompts, { engine: engine(), end: 0, onSaid: (done) => told.push(done) });
    expect(told).to.deep.equal([1, 2, 3, 4, 5]);
  });
});
