import { expect } from "chai";
import { describe, it } from "mocha";

import { reportSweep, type ReportOptions } from "../../../../framework/cli/sweeps/reportSweep.ts";
import type { TrialPlan } from "../../../../framework/sweep/trialPlan.ts";
import { storeTrial, sweepWorkshop } from "../../../support/sweeps.ts";

describe("reportSweep()", () => {
  const workshop = sweepWorkshop();

  /** Two seeds of three points; the last point failed once and is not finished. */
  async function storedPlan(goal: string): Promise<TrialPlan> {
    const plan = workshop.plan(`seeds: 2
metric: { name: score, goal: ${goal} }
parameters:
  data.slope: { values: [1, 2, 3], labels: [one, "two, or | more", three] }
  data.batches: { value: 2 }`);
    const scores = [0.1, 0.3, 0.5, 0.7];
    for (const [i, score] of scores.entries()) {
      const logged = i === 0 ? [{ other: 1, score: 9 }, { other: 2 }] : [{ other: 4 }];
      await storeTrial(workshop.folder(plan), plan, plan.trialAt(i)!, {
        summary: { score },
        logged,
      });
    }
    await storeTrial(workshop.folder(plan), plan, plan.trialAt(4)!, { outcome: "interrupted" });
    return plan;
  }

  const report = (plan: TrialPlan, options: Partial<ReportOptions> = {}): string[] =>
    reportSweep(plan, {
      folder: workshop.folder(plan),
      metrics: [],
      by: [],
      trials: false,
      format: "text",
      ...options,
    });

  it("groups trials over seeds, the best first", async () => {
    expect(report(await storedPlan("maximize"), { metrics: ["other"] })).to.deep.equal([
      "data.slope      score         other      n",
      "two, or | more  0.6 ± 0.1414  4 ± 0      2",
      "one             0.2 ± 0.1414  3 ± 1.414  2",
      "three                                    0",
      "",
      "4 of 6 trials finished, 1 interrupted, 1 waiting; 0s in all",
    ]);
  });

  it("has the smallest first when the goal is to minimize", async () => {
    const lines = report(await storedPlan("minimize"));
    expect(lines.slice(1, 4).map((line) => line.split(" ")[0])).to.deep.equal([
      "one",
      "two,",
      "three",
    ]);
  });

  it("writes Markdown and CSV that keep their cells", async () => {
    const plan = await storedPlan("maximize");
    expect(report(plan, { format: "markdown" }).slice(0, 3)).to.deep.equal([
      "| data.slope      | score        | n   |",
      "| --------------- | ------------ | --- |",
      String.raw`| two, or \| more | 0.6 ± 0.1414 | 2   |`,
    ]);
    expect(report(plan, { format: "csv" })).to.deep.equal([
      "data.slope,score mean,score sd,n",
      '"two, or | more",0.6,0.1414,2',
      "one,0.2,0.1414,2",
      "three,,,0",
    ]);
  });

  it("groups by some parameters alone, averaging over the others", async () => {
    const plan = workshop.plan(`metric: { name: score, goal: maximize }
parameters:
  data.slope: { values: [1, 2] }
  extends.how: { values: [{}, { data: { batches: 2 } }], labels: [plain, short] }`);
    for (const [i, score] of [0.1, 0.2, 0.3, 0.5].entries()) {
      await storeTrial(workshop.folder(plan), plan, plan.trialAt(i)!, { summary: { score } });
    }
    expect(report(plan, { by: ["how"] }).slice(0, 3)).to.deep.equal([
      "how    score          n",
      "short  0.35 ± 0.2121  2",
      "plain  0.2 ± 0.1414   2",
    ]);
    expect(() => report(plan, { by: ["hwo"] })).to.throw(
      'expected a parameter in which trials differ, got "hwo"; did you mean "how"?',
    );
  });

  it("lists single trials in their order", async () => {
    const plan = await storedPlan("maximize");
    const lines = report(plan, { trials: true, format: "csv" });
    expect(lines[0]).to.equal("trial,id,data.slope,seed,status,time,score");
    expect(lines[1]).to.match(/^1,\w{8},one,0,finished,,0.1$/);
    expect(lines[5]).to.match(/^5,\w{8},three,0,interrupted,,$/);
    expect(lines[6]).to.match(/^6,\w{8},three,1,waiting,,$/);
  });

  it("shows all of several metrics, and which points no other one is better than", async () => {
    const plan = workshop.plan(`seeds: 2
metrics: [{ name: loss }, { name: f1, goal: maximize }]
parameters: { data.slope: { values: [1, 2, 3, 4] } }`);
    // means: slope 1 (0.4, 0.9), slope 2 (0.5, 0.8), slope 3 (0.1, 0.5); slope 4 has no f1
    const found = [
      ...[
        { loss: 0.3, f1: 0.9 },
        { loss: 0.5, f1: 0.9 },
        { loss: 0.2, f1: 0.8 },
      ],
      ...[{ loss: 0.8, f1: 0.8 }, { loss: 0.1, f1: 0.4 }, { loss: 0.1, f1: 0.6 }, { loss: 0 }],
    ];
    for (const [i, summary] of found.entries()) {
      await storeTrial(workshop.folder(plan), plan, plan.trialAt(i)!, { summary });
    }
    expect(report(plan).slice(0, 5)).to.deep.equal([
      "data.slope  loss          f1            n  Pareto front",
      "3           0.1 ± 0       0.5 ± 0.1414  2  yes",
      "1           0.4 ± 0.1414  0.9 ± 0       2  yes",
      "4           0                           1",
      "2           0.5 ± 0.4243  0.8 ± 0       2",
    ]);
    expect(report(plan, { format: "csv" })[0]).to.equal(
      "data.slope,loss mean,loss sd,f1 mean,f1 sd,n,Pareto front",
    );
  });

  it("says that no trial has a metric, and which was likely meant", async () => {
    const plan = await storedPlan("maximize");
    expect(() => report(plan, { metrics: ["othr"] })).to.throw(
      'Cannot report on sweep: no finished trial has the metric "othr"; did you mean "other"?',
    );
  });

  it("looks at the first trials alone when there is a count", async () => {
    const lines = report(await storedPlan("maximize"), { count: 2 });
    expect(lines.at(-1)).to.match(/^2 of 2 trials finished/);
  });
});
