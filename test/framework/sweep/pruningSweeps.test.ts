import { expect } from "chai";
import { describe, it } from "mocha";

import {
  finished,
  interrupted,
  sweepPlayer,
  type PlayedProcess,
} from "../../support/playedSweeps.ts";
import { storeTrial, sweepWorkshop } from "../../support/sweeps.ts";

describe("a sweep that stops trials early", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);

  it("judges running trials by the one of several metrics that early_terminate names", async () => {
    const plan = workshop.plan(`metrics: [{ name: good }, { name: loss }]
early_terminate: { type: median, startup_trials: 1, metric: loss }
parameters: { data.slope: { values: [1, 2] } }`);
    const folder = workshop.folder(plan);
    const log = await run(
      plan,
      async (trial, _start, stopped) => {
        const logged = [{ good: 1 - trial.index, loss: trial.index }];
        if (trial.index === 0) return { ...finished, logged };
        await storeTrial(folder, plan, trial, { outcome: "interrupted", logged });
        await stopped;
        return interrupted;
      },
      { lookSeconds: 0.02 },
    );
    expect(log.at(-1)).to.equal("pruned 2: median at step 1: the best is 1, above 0");
  });

  it("stops a trial that promises little for good, which keeps what it has", async () => {
    const plan = workshop.plan(`metric: { name: loss }
early_terminate: { type: median, startup_trials: 1 }
parameters: { data.slope: { values: [1, 2, 3] } }`);
    const folder = workshop.folder(plan);
    const play: PlayedProcess = async (trial, _start, stopped) => {
      const logged = [{ loss: trial.index === 1 ? 5 : 1 }, { loss: trial.index === 1 ? 4 : 0 }];
      if (trial.index !== 1) return { ...finished, logged };
      await storeTrial(folder, plan, trial, { outcome: "interrupted", logged });
      await stopped;
      return interrupted;
    };
    const log = await run(plan, play, { lookSeconds: 0.02 });
    expect(log).to.deep.equal([
      "start 1",
      "finished 1",
      "start 2",
      "stop 2",
      "pruned 2: median at step 2: the best is 4, above 0",
      "start 3",
      "finished 3",
    ]);
    expect(await run(plan, play)).to.deep.equal([]);
  });
});
