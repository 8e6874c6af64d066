import { expect } from "chai";
import { describe, it } from "mocha";

import { groupRuns } from "../../../../experiments/dreambooth/evaluation/judged.ts";

const judged = (name: string, seed: number, fidelity: number | undefined) => ({
  run: { name, spec: { seed }, stored: { metrics: [], manifest: { resumes: [] } } },
  weights: { steps: 100 },
  metrics: { fidelity, classSimilarity: 0, diversity: 1, diversityRatio: 1 },
});

describe("groupRuns()", () => {
  it("gathers runs of one name by seed, with mean and deviation", () => {
    const groups = groupRuns([judged("a", 2, 0.5), judged("b", 1, 0.1), judged("a", 1, 0.7)]);
    expect(
      groups.map(({ name, runs }) => [name, ...runs.map(({ run }) => run.spec.seed)]),
    ).to.deep.equal([
      ["a", 1, 2],
      ["b", 1],
    ]);
    const { fidelity, steps } = groups[0]!.numbers;
    expect(fidelity!.mean).to.be.closeTo(0.6, 1e-12);
    expect(fidelity!.deviation).to.be.closeTo(Math.SQRT2 / 10, 1e-12);
    expect(steps).to.deep.equal({ mean: 100, deviation: 0, count: 2 });
    expect(groups[1]!.numbers["fidelity"]).to.deep.equal({
      mean: 0.1,
      deviation: undefined,
      count: 1,
    });
  });

  it("gives no mean of what some of the runs lack", () => {
    const [group] = groupRuns([judged("a", 1, 0.5), judged("a", 2, undefined)]);
    expect(group!.numbers["fidelity"]).to.equal(undefined);
    expect(group!.numbers["diversity"]).to.include({ mean: 1 });
  });
});
