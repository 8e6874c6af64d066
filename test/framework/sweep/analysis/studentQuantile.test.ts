import { expect } from "chai";
import { describe, it } from "mocha";

import { studentQuantile } from "../../../../framework/sweep/analysis/studentQuantile.ts";

describe("studentQuantile()", () => {
  // Table 26.10 of Abramowitz & Stegun 1964, and tan(π (u - 1/2)) for one degree of freedom.
  const quantiles = [
    [0.975, 1, Math.tan(0.475 * Math.PI), 1e-9],
    [0.975, 2, 4.303, 5e-4],
    [0.975, 4, 2.776, 5e-4],
    [0.95, 9, 1.833, 5e-4],
    [0.995, 30, 2.75, 5e-4],
    [0.975, 1e6, 1.95997, 1e-5], // nearly normal
  ] as const;
  for (const [u, freedom, expected, tolerance] of quantiles) {
    it(`is ${expected} at ${u} with ${freedom} degrees of freedom`, () => {
      expect(studentQuantile(u, freedom)).to.be.closeTo(expected, tolerance);
      expect(studentQuantile(1 - u, freedom)).to.be.closeTo(-expected, tolerance);
    });
  }

  it("is 0 in the middle", () => {
    expect(studentQuantile(0.5, 3)).to.be.closeTo(0, 1e-7);
  });
});
