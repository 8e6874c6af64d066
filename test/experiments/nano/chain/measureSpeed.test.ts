import { expect } from "chai";
import { describe, it } from "mocha";
import { Decoder, sharedParameters } from "seedbed";

import {
  costOfMillion,
  lesser,
  measureSpeed,
} from "../../../../experiments/nano/chain/measureSpeed.ts";

const speed = { firstTokenMs: 30, firstTokenCpuMs: 20, tokenMs: 3, tokenCpuMs: 2 };

describe("lesser()", () => {
  it("takes the least of each number", () => {
    const other = { firstTokenMs: 40, firstTokenCpuMs: 10, tokenMs: 2, tokenCpuMs: 5 };
    expect(lesser(speed)).to.deep.equal(speed);
    expect(lesser(speed, other)).to.deep.equal({
      ...{ firstTokenMs: 30, firstTokenCpuMs: 10, tokenMs: 2, tokenCpuMs: 2 },
    });
  });
});

describe("costOfMillion()", () => {
  it("shares a request's processor time among all that is read and said", () => {
    // 20 + 9 * 2 = 38 ms for 10 + 1 + 9 tokens
    expect(costOfMillion(speed, { prompt: 10, length: 9 })).to.be.closeTo(1900, 1e-9);
  });
});

describe("measureSpeed()", () => {
  it("times each model", async () => {
    const model = new Decoder(
      {
        ...{ architectures: ["LlamaForCausalLM"], vocab_size: 12, hidden_size: 16 },
        ...{ intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 1 },
        max_position_embeddings: 16,
      },
      { seed: 5 },
    );
    const engine = { config: model.config, weights: sharedParameters(model.parameters) };
    const told: number[] = [];
    const speeds = await measureSpeed({
      models: ["a", "b"].map((name) => ({ name, engine })),
      ...{ prompt: [1, 2, 3], length: 5, repeats: 2 },
      onRepeat: (done) => told.push(done),
    });
    model.dispose();
    expect(told).to.deep.equal([1, 2]);
    expect([...speeds.keys()]).to.deep.equal(["a", "b"]);
    for (const { firstTokenMs, tokenMs } of speeds.values()) {
      expect(Math.min(firstTokenMs, tokenMs)).to.be.above(0);
    }
  });
});
