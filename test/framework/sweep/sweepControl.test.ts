import { expect } from "chai";
import { describe, it } from "mocha";

import { writeSweepWish } from "../../../framework/sweep/sweepControl.ts";
import {
  finished,
  interrupted,
  sweepPlayer,
  type PlayedProcess,
} from "../../support/playedSweeps.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

describe("a sweep that is asked from outside", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);
  const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }";

  /** Runs until it is asked to stop, the first time. */
  const long: PlayedProcess = async (_trial, start, stopped) => {
    if (start > 1) return finished;
    await stopped;
    return interrupted;
  };

  it("pauses, and goes on with what it has stopped", async () => {
    const plan = workshop.plan("parameters: { data.slope: { values: [1] } }");
    const { path } = workshop.folder(plan);
    setTimeout(() => writeSweepWish(path, { wish: "pause", finish: false }), 50);
    setTimeout(() => writeSweepWish(path, { wish: "run", finish: false }), 1300);
    const log = await run(plan, long);
    expect(log).to.deep.equal(["start 1", "stop 1", "interrupted 1", "start 1", "finished 1"]);
  });

  it("stops, with trials left", async () => {
    const plan = workshop.plan(four);
    const { path } = workshop.folder(plan);
    setTimeout(() => writeSweepWish(path, { wish: "stop", finish: false }), 50);
    expect(await run(plan, long)).to.deep.equal(["start 1", "stop 1", "interrupted 1"]);
  });

  it("stops once running trials have ended", async () => {
    const plan = workshop.plan(four);
    const { path } = workshop.folder(plan);
    const log = await run(plan, async () => {
      writeSweepWish(path, { wish: "stop", finish: true });
      await new Promise((resolve) => setTimeout(resolve, 700));
      return finished;
    });
    expect(log).to.deep.equal(["start 1", "finished 1"]);
  });
});
