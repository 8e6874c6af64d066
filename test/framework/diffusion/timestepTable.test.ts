import { expect } from "chai";
import { describe, it } from "mocha";

import { timestepTable } from "../../../framework/diffusion/timestepTable.ts";
import { goldenTensors } from "./schedulerGolden.ts";

describe("timestepTable()", () => {
  const tensor = goldenTensors("schedulers");
  for (const spacing of ["leading", "linspace", "trailing"] as const) {
    for (const steps of [7, 20, 50]) {
      it(`agrees with the published ${spacing} spacing of ${steps} steps`, () => {
        const offset = spacing === "leading" ? 1 : 0;
        const table = timestepTable({ steps, trainTimesteps: 1000, spacing, offset });
        expect([...table]).to.deep.equal([...tensor(`timesteps.ddim_${spacing}_${steps}`).values]);
      });
    }
  }

  it("rounds halves to even, and takes one step", () => {
    const trailing = { trainTimesteps: 10, spacing: "trailing", offset: 0 } as const;
    expect([...timestepTable({ ...trailing, steps: 4 })]).to.deep.equal([9, 7, 4, 1]);
    expect([...timestepTable({ ...trailing, steps: 1 })]).to.deep.equal([9]);
    expect([
      ...timestepTable({ steps: 1, trainTimesteps: 10, spacing: "linspace", offset: 0 }),
    ]).to.deep.equal([0]);
  });

  it("refuses steps that do not fit", () => {
    const options = { trainTimesteps: 10, spacing: "leading", offset: 1 } as const;
    for (const steps of [0, 1.5, 11]) {
      expect(() => timestepTable({ ...options, steps })).to.throw(RangeError, "from 1 to 10");
    }
    expect(() => timestepTable({ ...options, steps: 10 })).to.throw(RangeError, "timestep 10");
  });
});
