import { expect } from "chai";
import { describe, it } from "mocha";

import { sweepCost } from "../../../../framework/sweep/analysis/sweepCost.ts";

describe("sweepCost()", () => {
  it("adds up what runs have cost, by what became of them", () => {
    const { runs, seconds, steps, byStatus } = sweepCost([
      { status: "finished", seconds: 10, steps: 100 },
      { status: "failed", seconds: 3, steps: 20 },
      { status: "failed", seconds: 1, steps: 0 },
      { status: "waiting", seconds: 0, steps: 0 },
    ]);
    expect([runs, seconds, steps]).to.deep.equal([3, 14, 120]);
    expect(byStatus.get("failed")).to.deep.equal({ runs: 2, seconds: 4, steps: 20 });
    expect(byStatus.has("waiting")).to.equal(false);
  });

  it("says what stopping runs has saved: their other steps, at their own pace", () => {
    const { saved } = sweepCost([
      { status: "finished", seconds: 10, steps: 100 },
      { status: "pruned", seconds: 4, steps: 20 }, // 80 to go, 0.2 s each
      { status: "pruned", seconds: 1, steps: 0 },
    ]);
    expect(saved).to.deep.equal({ seconds: 16, steps: 180 });
  });

  it("does not guess where no run has finished, or none was stopped", () => {
    expect(sweepCost([{ status: "pruned", seconds: 4, steps: 20 }]).saved).to.equal(undefined);
    expect(sweepCost([{ status: "finished", seconds: 4, steps: 20 }]).saved).to.equal(undefined);
  });
});
