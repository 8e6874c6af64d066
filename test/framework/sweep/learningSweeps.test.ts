import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../framework/sweep/point.ts";
import { restorePoints } from "../../../framework/sweep/restorePoints.ts";
import type { Trial, TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { finished, sweepPlayer, type PlayedProcess } from "../../support/playedSweeps.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

describe("a sweep whose searcher learns", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);

  const text = `run_cap: 15
metric: { name: score }
seeds: 1
parameters: { data.slope: { min: 0.0, max: 1.0 } }`;
  const slopeOf = (trial: Trial): number => Number(plainPoint(trial.point)["data.slope"]);
  const score: PlayedProcess = (trial) => ({ ...finished, summary: { score: slopeOf(trial) } });
  const learnt = (plan: TrialPlan): number[] => plan.known(15).map(slopeOf);

  it("tells it what trials have found", async () => {
    const plan = workshop.plan(text, "tpe");
    await run(plan, score);
    const late = learnt(plan).slice(10);
    expect(Math.max(...late)).to.be.lessThan(0.6);
    expect(learnt(plan)).to.have.length(15);
  }).timeout(180_000);

  it("goes on with the points that it chose before", async () => {
    const first = workshop.plan(text, "tpe");
    await run(first, score, { count: 12 });
    const second = workshop.plan(text, "tpe");
    restorePoints(second, workshop.folder(second));
    expect(learnt(second)).to.deep.equal(learnt(first));
    const log = await run(second, score);
    expect(log).to.deep.equal([13, 14, 15].flatMap((n) => [`start ${n}`, `finished ${n}`]));
    const whole = workshop.plan(text.replace("seeds: 1", "name: whole\nseeds: 1"), "tpe");
    await run(whole, score);
    expect(learnt(second)).to.deep.equal(learnt(whole));
  }).timeout(180_000); // 42 trials, each with its folder and journal
});
