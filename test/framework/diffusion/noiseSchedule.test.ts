import { expect } from "chai";
import { describe, it } from "mocha";

import { alphaAt, createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";

describe("createNoiseSchedule()", () => {
  it("multiplies what each step keeps: a case by hand", () => {
    const { alphasCumprod } = createNoiseSchedule({
      num_train_timesteps: 3,
      beta_start: 0.1,
      beta_end: 0.5,
      beta_schedule: "linear",
      rescale_betas_zero_snr: false,
    });
    [0.9, 0.63, 0.315].forEach((alpha, t) => expect(alphasCumprod[t]).to.be.closeTo(alpha, 1e-7));
  });

  it("has falling alphas, and refuses timesteps beyond them", () => {
    const schedule = createNoiseSchedule(stableDiffusionSchedule);
    const { alphasCumprod } = schedule;
    expect(alphasCumprod.every((alpha, t) => t === 0 || alpha < alphasCumprod[t - 1]!)).to.equal(
      true,
    );
    for (const timestep of [-1, 1000, 0.5]) {
      expect(() => alphaAt(schedule, timestep)).to.throw(RangeError, "from 0 to 999");
    }
  });
});
