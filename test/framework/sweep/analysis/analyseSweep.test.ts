import { expect } from "chai";
import { describe, it } from "mocha";

import type { AnalysedPoint } from "../../../../framework/sweep/analysis/analysedPoint.ts";
import { analyseSweep } from "../../../../framework/sweep/analysis/analyseSweep.ts";
import { evenPoints } from "./searchedSpace.ts";

const parameters = [
  { name: "rate", range: { kind: "numbers", low: 1e-4, high: 1, isLog: true } as const },
  { name: "optimizer", range: null },
];

/** Two seeds of each point; the loss is least at a rate of 0.01, and the optimizer is idle. */
function search(count: number): AnalysedPoint[] {
  const { x } = evenPoints(count);
  return x.map((each, i) => ({
    label: `point ${i}`,
    parameters: [10 ** (4 * each - 4), i % 2 === 0 ? "adam" : "sgd"],
    values: new Map([0, 1].map((seed) => [seed, (each - 0.5) ** 2 + 0.01 * seed])),
  }));
}

describe("analyseSweep()", () => {
  it("finds the best and what decides it, by every method", () => {
    const { ranking, influence, runs, second } = analyseSweep(parameters, search(32), "minimize");
    expect(runs).to.equal(64);
    expect(ranking[0]!.point.parameters[0]).to.be.within(0.005, 0.02);
    expect(second!.isDistinct).to.equal(true); // the seeds do the same to both
    const [rate, optimizer] = influence!.parameters;
    for (const share of Object.values(rate!.importance)) expect(share).to.be.above(0.8);
    expect(influence!.foretold).to.be.above(0.8);
    expect(optimizer!.correlation).to.equal(null);
    expect(optimizer!.dependence.at).to.deep.equal(["adam", "sgd"]);
    expect(rate!.dependence.isLog).to.equal(true);
    const lowest = rate!.dependence.mean.indexOf(Math.min(...rate!.dependence.mean));
    expect(rate!.dependence.at[lowest]).to.be.within(0.004, 0.025);
  });

  it("says nothing of influence with fewer than 20 runs, and of a second that is not there", () => {
    const few = analyseSweep(parameters, search(9), "minimize");
    expect([few.runs, few.influence]).to.deep.equal([18, undefined]);
    expect(few.ranking).to.have.length(9);
    const none = analyseSweep(parameters, [], "minimize");
    expect(none).to.deep.equal({ runs: 0, ranking: [], second: undefined, influence: undefined });
  });
});
