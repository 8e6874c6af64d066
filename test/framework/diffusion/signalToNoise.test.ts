import { expect } from "chai";
import { describe, it } from "mocha";

import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { minSnrWeights, signalToNoise } from "../../../framework/diffusion/signalToNoise.ts";
import { goldenFolders, goldenOf } from "./schedulerGolden.ts";

describe("signalToNoise()", () => {
  it("agrees with the published values", () => {
    const schedule = createNoiseSchedule(stableDiffusionSchedule);
    for (const folder of goldenFolders) {
      const { values } = goldenOf(folder, "schedulers").tensor("snr");
      // 1 - alpha loses up to ten binary digits in float32 where alpha is near 1.
      values.forEach((snr, t) => {
        expect(signalToNoise(schedule, t), `timestep ${t}`).to.be.closeTo(snr, 7e-5 * snr);
      });
    }
  });
});

describe("minSnrWeights()", () => {
  const schedule = { alphasCumprod: Float64Array.of(0.9, 0.5) }; // SNR 9 and 1
  for (const { type, expected } of [
    { type: "epsilon", expected: [5 / 9, 1] },
    { type: "sample", expected: [5, 1] },
    { type: "v_prediction", expected: [5 / 10, 1 / 2] },
  ] as const) {
    it(`limits ${type} at gamma`, () => {
      const weights = minSnrWeights(schedule, Int32Array.of(0, 1), type);
      expected.forEach((weight, i) => expect(weights[i]).to.be.closeTo(weight, 1e-6));
    });
  }

  it("refuses a gamma of 0", () => {
    expect(() => minSnrWeights(schedule, Int32Array.of(0), "sample", 0)).to.throw(RangeError);
  });
});
