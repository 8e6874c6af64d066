import { expect } from "chai";
import { describe, it } from "mocha";

import {
  KeptAnalyses,
  type AnalysedSweep,
} from "../../../../framework/dashboard/server/keptAnalyses.ts";
import type { AnalysedPoint } from "../../../../framework/sweep/analysis/analysedPoint.ts";

const point = (label: string, ...losses: number[]): AnalysedPoint => ({
  label,
  parameters: [label],
  values: new Map(losses.entries()),
});

const sweep: AnalysedSweep = {
  id: "abcdefgh",
  metric: { name: "loss", goal: "minimize" },
  parameters: [{ name: "optimizer", range: null }],
  points: [point("adam", 1, 2), point("sgd", 3)],
};
const byAccuracy = { ...sweep, metric: { name: "accuracy", goal: "maximize" } } as const;

describe("KeptAnalyses", () => {
  it("keeps one for each sweep, metric and goal", () => {
    const kept = new KeptAnalyses();
    const questions = [
      sweep,
      byAccuracy,
      { ...sweep, metric: { name: "loss", goal: "maximize" } as const },
      { ...sweep, id: "ijklmnop" },
    ];
    const answers = questions.map((question) => kept.analyse(question));
    expect(new Set(answers).size).to.equal(4);
    for (const [i, question] of questions.entries()) {
      expect(kept.analyse(question)).to.equal(answers[i]);
    }
    expect(answers.map(({ ranking: [best] }) => best!.point.label)).to.deep.equal([
      ...["adam", "sgd", "sgd", "adam"],
    ]);
  });

  it("is not made again when a trial has begun, but when one has ended", () => {
    const kept = new KeptAnalyses();
    const { points } = sweep;
    const first = kept.analyse(sweep);
    expect(kept.analyse({ ...sweep, points: [...points, point("lamb")] })).to.equal(first);
    const second = kept.analyse({ ...sweep, points: [...points, point("lamb", 0.5)] });
    expect(second.ranking.map(({ point: { label } }) => label)).to.deep.equal([
      ...["lamb", "adam", "sgd"],
    ]);
  });

  it("forgets the one that nobody has asked for the longest", () => {
    const kept = new KeptAnalyses();
    const [first, accuracy] = [kept.analyse(sweep), kept.analyse(byAccuracy)];
    for (let i = 0; i < 31; i++) {
      kept.analyse({ ...sweep, id: `sweep ${i}` });
      expect(kept.analyse(sweep)).to.equal(first);
    }
    expect(kept.analyse(byAccuracy)).not.to.equal(accuracy);
  });
});
