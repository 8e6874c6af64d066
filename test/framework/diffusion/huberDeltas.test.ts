import { expect } from "chai";
import { describe, it } from "mocha";

import { huberDeltas } from "../../../framework/diffusion/huberDeltas.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";

describe("huberDeltas()", () => {
  const schedule = createNoiseSchedule(stableDiffusionSchedule);
  const timesteps = Int32Array.of(0, 100, 500, 999);
  /** What kohya-ss/sd-scripts' formulas give in PyTorch for Stable Diffusion's schedule. */
  for (const { type, expected } of [
    { type: "constant", expected: [0.1, 0.1, 0.1, 0.1] },
    { type: "exponential", expected: [1, 0.7943282, 0.3162278, 0.1002305] },
    { type: "snr", expected: [0.9497092, 0.5982972, 0.2312837, 0.1036913] },
  ] as const) {
    it(`are published ones, ${type}`, () => {
      const deltas = huberDeltas(schedule, timesteps, 0.1, type);
      expected.forEach((delta, i) => expect(deltas[i]).to.be.closeTo(delta, 1e-6));
    });
  }

  it("are `delta` in pure noise", () => {
    const pure = { alphasCumprod: Float64Array.of(0) };
    expect([...huberDeltas(pure, Int32Array.of(0), 0.25, "snr")]).to.deep.equal([0.25]);
  });
});
