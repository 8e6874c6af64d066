import { expect } from "chai";
import { describe, it } from "mocha";

import { alphaAt, createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { goldenFolders, goldenOf } from "./schedulerGolden.ts";

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

  const cases = [
    { name: "linear", config: { beta_schedule: "linear" } },
    { name: "scaled_linear", config: {} },
    { name: "squaredcos_cap_v2", config: { beta_schedule: "squaredcos_cap_v2" } },
    { name: "scaled_linear_zero_snr", config: { rescale_betas_zero_snr: true } },
  ] as const;
  for (const { name, config } of cases) {
    it(`agrees with the published ${name}`, () => {
      const { alphasCumprod } = createNoiseSchedule({ ...stableDiffusionSchedule, ...config });
      for (const folder of goldenFolders) {
        const { values } = goldenOf(folder, "schedulers").tensor(`alphas_cumprod.${name}`);
        expect(alphasCumprod.length).to.equal(values.length);
        // Two units in the last place, or four where products of roots were rounded again.
        const tolerance = name === "scaled_linear_zero_snr" ? 4.8e-7 : 2.4e-7;
        values.forEach((alpha, t) => {
          expect(alphasCumprod[t], `timestep ${t}`).to.be.closeTo(alpha, tolerance * alpha + 1e-8);
        });
      }
    });
  }

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
