import { expect } from "chai";
import { describe, it } from "mocha";

import { logNormalCdf, logNormalMass } from "../../../framework/sweep/normalMass.ts";

describe("logNormalCdf()", () => {
  /** From PyTorch 2.13's `log_ndtr`, in float64. */
  const cases: [number, number][] = [
    [0, -0.6931471805599453],
    [2, -0.02301290932896349],
    [-2, -3.7831843336820317],
    [-3, -6.60772622151035],
    [-10, -53.23128515051248],
    [-40, -804.6084420137539],
    [9, -1.1285884059538295e-19],
  ];
  for (const [z, expected] of cases) {
    it(`is ${expected} at ${z}`, () => {
      expect(logNormalCdf(z)).to.be.closeTo(expected, 1e-13 * Math.abs(expected) + 1e-22);
    });
  }
});

describe("logNormalMass()", () => {
  it("is precise between places far out on either side", () => {
    const upper = logNormalMass(10, 11);
    expect(upper).to.equal(logNormalMass(-11, -10));
    expect(upper).to.be.closeTo(-53.231310225583115, 1e-12);
  });

  it("is that of everything between infinities", () => {
    expect(logNormalMass(-Infinity, Infinity)).to.equal(0);
    expect(logNormalMass(-1, 1)).to.be.closeTo(Math.log(0.6826894921370859), 1e-15);
  });
});
