import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../framework/sweep/point.ts";
import { SweepWorkers } from "../../../framework/sweep/sweepWorkers.ts";
import { TrialEvents } from "../../../framework/sweep/trialEvents.ts";
import { finished, sweepPlayer, type PlayedProcess } from "../../support/playedSweeps.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

describe("a sweep of several workers", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);
  const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }";

  const slow: PlayedProcess = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return finished;
  };

  it("shares the trials, of which none is run twice", async () => {
    const text = "parameters: { data.slope: { values: [1, 2, 3, 4, 5, 6, 7, 8] } }";
    const plans = [1, 2, 3].map(() => workshop.plan(text));
    const logs = await Promise.all(plans.map((plan) => run(plan, slow, { joins: true })));
    const starts = logs.flat().filter((line) => line.startsWith("start"));
    expect(starts.toSorted()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `start ${n}`));
    for (const log of logs) expect(log.length).to.be.greaterThan(0);
  });

  it("takes up what a worker that was killed has begun", async () => {
    const plan = workshop.plan(four);
    const folder = workshop.folder(plan);
    mkdirSync(folder.path, { recursive: true });
    const events = new TrialEvents(folder, "killed00");
    await events.exclusively(() => events.note(plan.trialAt(0)!, { event: "started" }));
    await events.close();
    expect(await run(workshop.plan(four), () => finished, { joins: true })).to.include("start 1");
  });

  it("waits for another worker's trials, which may be given back", async () => {
    const plan = workshop.plan(four);
    const folder = workshop.folder(plan);
    mkdirSync(folder.path, { recursive: true });
    const other = new SweepWorkers(folder.path);
    other.join(true);
    const events = new TrialEvents(folder, other.own);
    await events.exclusively(() => events.note(plan.trialAt(1)!, { event: "started" }));
    setTimeout(() => other.leave(), 100);
    const log = await run(workshop.plan(four), () => finished, { joins: true });
    await events.close();
    expect(log.filter((line) => line.startsWith("start"))).to.deep.equal(
      [1, 3, 4, 2].map((n) => `start ${n}`),
    );
  });

  it("adds the trials of a file that was edited meanwhile", async () => {
    const first = workshop.plan("parameters: { data.slope: { values: [1, 2] } }");
    await run(first, () => finished);
    const log = await run(workshop.plan(four), () => finished, { joins: true });
    expect(log.filter((line) => line.startsWith("start"))).to.deep.equal(["start 3", "start 4"]);
  });

  it("shares the points that a searcher learns", async () => {
    const text =
      "run_cap: 13\nmetric: { name: score }\nparameters: { data.slope: { min: 0.0, max: 1.0 } }";
    const plans = [1, 2].map(() => workshop.plan(text, "tpe"));
    const score: PlayedProcess = async (trial) => ({
      ...(await slow(trial, 1, Promise.resolve())),
      summary: { score: Number(plainPoint(trial.point)["data.slope"]) },
    });
    const logs = await Promise.all(plans.map((plan) => run(plan, score, { joins: true })));
    const starts = logs.flat().filter((line) => line.startsWith("start"));
    expect(new Set(starts).size).to.equal(13);
    expect(starts).to.have.length(13);
    const ids = plans.map((plan) => plan.known(13).map(({ id }) => id));
    const [one = [], two = []] = ids.toSorted((a, b) => b.length - a.length);
    expect(two).to.deep.equal(one.slice(0, two.length));
  });
});
