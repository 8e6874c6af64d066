import { expect } from "chai";
import { describe, it } from "mocha";

import { timestepTable } from "../../../framework/diffusion/timestepTable.ts";

describe("timestepTable()", () => {
  it("rounds halves to even, and takes one step", () => {
    const trailing = { trainTimesteps: 10, spacing: "trailing", offset: 0 } as const;
    expect([...timestepTable({ ...trailing, steps: 4 })]).to.deep.equal([9, 7, 4, 1]);
    expect([...timestepTable({ ...trailing, steps: 1 })]).to.deep.equal([9]);
    expect([
      ...timestepTable({ steps: 1, trainTimesteps: 10, spacing: "linspace", offset: 0 }),
    ]).to.deep.equal([0]);
  });

  it("divides into one step more where the end is open, and falls between timesteps", () => {
    const options = { trainTimesteps: 10, offset: 1 };
    const open = { ...options, steps: 2, openEnd: true };
    expect(timestepTable({ ...open, spacing: "linspace" })).to.deep.equal([9, 4]);
    expect(timestepTable({ ...open, spacing: "leading" })).to.deep.equal([7, 4]);
    expect(timestepTable({ ...open, spacing: "trailing" })).to.deep.equal([9, 4]);
    expect(() => timestepTable({ ...open, spacing: "linspace", steps: 10 })).to.throw("1 to 9");
    const exact = { ...options, spacing: "linspace", rounded: false } as const;
    expect(timestepTable({ ...exact, steps: 3 })).to.deep.equal([9, 4.5, 0]);
  });

  it("refuses steps that do not fit", () => {
    const options = { trainTimesteps: 10, spacing: "leading", offset: 1 } as const;
    for (const steps of [0, 1.5, 11]) {
      expect(() => timestepTable({ ...options, steps })).to.throw(RangeError, "from 1 to 10");
    }
    expect(() => timestepTable({ ...options, steps: 10 })).to.throw(RangeError, "timestep 10");
  });
});
