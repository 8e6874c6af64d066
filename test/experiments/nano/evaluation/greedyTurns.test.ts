import { expect } from "chai";
import { describe, it } from "mocha";
import { DecodeEngine, Decoder, sharedParameters } from "seedbed";

import { greedyTurns } from "../../../../experiments/nano/evaluation/greedyTurns.ts";
import { likeliest } from "../../../../experiments/nano/evaluation/likeliest.ts";

const config = {
  ...{ architectures: ["LlamaForCausalLM"], vocab_size: 12, hidden_size: 16 },
  ...{ intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 1 },
  ...{ max_position_embeddings: 24, initializer_range: 0.5 },
};
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
  let model: Decoder;
  let engine: DecodeEngine;
  before(() => {
    model = new Decoder(config, { seed: 5 });
    engine = new DecodeEngine({
      config: model.config,
      weights: sharedParameters(model.parameters),
      rows: 2,
    });
  });
  after(async () => {
    await engine.dispose();
    model.dispose();
  });

  it("says on several rows what it says on one", async () => {
    const ends = [0, 3, 7, 11];
    const lengths = new Set<number>();
    for (const end of ends) {
      const expected = await oneByOne(engine, end);
      expect(await greedyTurns(prompts, { engine, end })).to.deep.equal(expected);
      for (const { length } of expected) lengths.add(length);
    }
    expect(lengths.size).to.be.above(1);
  });

  it("stops where a text is full", async () => {
    const long = [
      { ids: Array.from({ length: 22 }, () => 1), length: 9 },
      { ids: Array.from({ length: 24 }, () => 1), length: 9 },
    ];
    const said = await greedyTurns(long, { engine, end: -1 });
    expect(said.map(({ length }) => length)).to.deep.equal([2, 0]);
  });

  it("tells of each answer", async () => {
    const told: number[] = [];
    await greedyTurns(prompts, { engine, end: 0, onSaid: (done) => told.push(done) });
    expect(told).to.deep.equal([1, 2, 3, 4, 5]);
  });
});
