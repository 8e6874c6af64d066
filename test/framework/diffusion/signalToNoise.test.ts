import { expect } from "chai";
import { describe, it } from "mocha";

import { minSnrWeights, signalToNoise } from "../../../framework/diffusion/signalToNoise.ts";

describe("signalToNoise()", () => {
  it("is what remains of the sample's variance, in units of the noise's", () => {
    const schedule = { alphasCumprod: Float64Array.of(0.9, 0.5) };
    expect(signalToNoise(schedule, 0)).to.be.closeTo(9, 1e-12);
    expect(signalToNoise(schedule, 1)).to.equal(1);
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
