import { expect } from "chai";
import { describe, it } from "mocha";

import {
  ropeFrequencies,
  type RopeConfig,
  type RopeScaling,
} from "../../../../framework/nn/rope/index.ts";

/** Frequencies 1, 0.1, 0.01, 0.001. */
function configOf(rope_scaling: RopeScaling): RopeConfig {
  return { head_dim: 8, rope_theta: 10_000, max_position_embeddings: 64, rope_scaling };
}

function expectFrequencies(
  config: RopeConfig,
  expected: readonly number[],
  { tokens = 4, attentionFactor = 1 } = {},
): void {
  const frequencies = ropeFrequencies(config, tokens);
  expect(frequencies.attentionFactor).to.be.closeTo(attentionFactor, 1e-12);
  expect(frequencies.inverse).to.have.length(expected.length);
  expected.forEach((value, i) =>
    expect(frequencies.inverse[i], `pair ${i}`).to.be.closeTo(value, 1e-12),
  );
}

describe("ropeFrequencies()", () => {
  it("falls evenly, in the logarithm, by default", () => {
    expectFrequencies(configOf({ rope_type: "default" }), [1, 0.1, 0.01, 0.001]);
  });

  it("divides all by the factor when linear", () => {
    expectFrequencies(configOf({ rope_type: "linear", factor: 4 }), [0.25, 0.025, 0.0025, 0.00025]);
  });

  it("raises the base with the length when dynamic, beyond the model's own", () => {
    const config = configOf({ rope_type: "dynamic", factor: 2 });
    expectFrequencies(config, [1, 0.1, 0.01, 0.001], { tokens: 64 });
    const base = 10_000 * 3 ** (8 / 6); // 2 * 128 / 64 - 1
    const slower = [0, 1, 2, 3].map((i) => base ** (-i / 4));
    expectFrequencies(config, slower, { tokens: 128 });
  });

  it("keeps fast pairs and slows slow ones down by YaRN", () => {
    // Over 64 tokens pair 0 turns 10.2 times, pair 1 once, pair 2 a tenth of a time: from pair
    // 0.05 at 9 turns, rounded down, to pair 1.01 at 1, rounded up.
    const scaling = {
      rope_type: "yarn",
      factor: 4,
      original_max_position_embeddings: 64,
      beta_fast: 9,
      beta_slow: 1,
      attention_factor: null,
    } as const;
    const half = 0.1 / 2 + 0.1 / 8;
    const attentionFactor = 0.1 * Math.log(4) + 1;
    expectFrequencies(configOf(scaling), [1, half, 0.0025, 0.00025], { attentionFactor });
    expectFrequencies(configOf({ ...scaling, attention_factor: 1.5 }), [1, half, 0.0025, 0.00025], {
      attentionFactor: 1.5,
    });
  });

  it("blends by the number of turns as Llama 3 does", () => {
    const kept = ((64 * 0.1) / (2 * Math.PI) - 0.5) / 1.5; // pair 1 turns 1.02 times
    expectFrequencies(
      configOf({
        rope_type: "llama3",
        factor: 8,
        original_max_position_embeddings: 64,
        low_freq_factor: 0.5,
        high_freq_factor: 2,
      }),
      [1, 0.1 * kept + (0.1 / 8) * (1 - kept), 0.01 / 8, 0.001 / 8],
    );
  });
});
