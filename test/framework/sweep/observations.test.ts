import { expect } from "chai";
import { describe, it } from "mocha";

import { Observations } from "../../../framework/sweep/observations.ts";
import type { Trial } from "../../../framework/sweep/trialPlan.ts";

const trial = (index: number, pointIndex: number): Trial => {
  const point = new Map();
  return { index, pointIndex, point, id: `${index}`, group: `${pointIndex}`, seed: index };
};

describe("Observations", () => {
  it("are means over the seeds of a point, to be made small", () => {
    const known = new Observations([{ name: "accuracy", goal: "maximize" }]);
    known.add(trial(3, 1), [0.5]);
    known.add(trial(0, 0), [0.2]);
    known.add(trial(1, 0), [0.4]);
    const found = known.list().map(({ index, values }) => [index, values[0]!] as const);
    expect(found.map(([index]) => index)).to.deep.equal([0, 1]);
    expect(found[0]![1]).to.be.closeTo(-0.3, 1e-12);
    expect(found[1]![1]).to.equal(-0.5);
  });

  it("leave out what was stopped early where another seed came to its end, or farther", () => {
    const known = new Observations([{ name: "loss", goal: "minimize" }]);
    known.add(trial(0, 0), [9], 10);
    known.add(trial(1, 0), [1], 30);
    expect(known.list()[0])
      .to.include({ stoppedAt: 30 })
      .and.to.deep.include({ values: [1] });
    known.add(trial(2, 0), [4]);
    expect(known.list()[0]).to.not.have.property("stoppedAt");
    expect(known.list()[0]!.values).to.deep.equal([4]);
  });

  it("have a trial's last word, as when it goes on from a pause", () => {
    const known = new Observations([{ name: "loss", goal: "minimize" }]);
    known.add(trial(0, 0), [9], 10);
    known.add(trial(0, 0), [2]);
    expect(known.list()).to.have.length(1);
    expect(known.list()[0]!.values).to.deep.equal([2]);
  });
});
