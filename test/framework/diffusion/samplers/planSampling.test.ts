import { expect } from "chai";
import { describe, it } from "mocha";

import { stepsToSkip } from "../../../../framework/diffusion/samplers/planSampling.ts";

describe("stepsToSkip()", () => {
  for (const { steps, strength, skip } of [
    { steps: 50, strength: 1, skip: 0 },
    { steps: 50, strength: 0.75, skip: 13 },
    { steps: 10, strength: 0.8, skip: 2 },
    { steps: 10, strength: 0.1, skip: 9 },
  ]) {
    it(`leaves out ${skip} of ${steps} steps at strength ${strength}`, () => {
      expect(stepsToSkip(steps, strength)).to.equal(skip);
    });
  }

  it("refuses a strength that leaves no step, or more than all", () => {
    for (const strength of [0, 0.09, -1, 1.1, NaN]) {
      expect(() => stepsToSkip(10, strength)).to.throw(RangeError, "strength from 0.1 to 1");
    }
  });
});
