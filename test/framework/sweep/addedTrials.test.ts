import { expect } from "chai";
import { describe, it } from "mocha";

import type { SearchMethod } from "../../../framework/spec/sweepSpec.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import { restorePoints } from "../../../framework/sweep/restorePoints.ts";
import { TrialEvents } from "../../../framework/sweep/trialEvents.ts";
import type { TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { finished, sweepPlayer } from "../../support/playedSweeps.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

const slope = "data.slope";

describe("a sweep that trials are added to", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);

  /** Notes a point as another process does, behind the trial that runs now. */
  async function add(plan: TrialPlan, at: number, value: number): Promise<void> {
    const folder = workshop.folder(plan);
    const events = new TrialEvents(folder, "add");
    const trial = { ...plan.first(1)[0]!, id: `added${at}`, index: at };
    await events.exclusively(() => {
      const point = { [slope]: value };
      events.note(trial, { event: "added", sweep: plan.id, point });
    });
    await events.close();
  }

  const valuesOf = (plan: TrialPlan): unknown[] =>
    plan.known(plan.count ?? 0).map(({ point }) => plainPoint(point)[slope]);

  for (const method of ["random", "tpe"] as const satisfies readonly SearchMethod[]) {
    it(`runs them next, with ${method}, and is done when they are`, async () => {
      const text = `name: ${method}\nrun_cap: 3\nmetric: { name: score }
parameters: { ${slope}: { min: 0.0, max: 1.0 } }`;
      const plan = workshop.plan(text, method);
      const tried: unknown[] = [];
      const log = await run(plan, async ({ index, point }) => {
        tried.push(plainPoint(point)[slope]);
        if (index === 0) await add(plan, 1, 0.5);
        if (index === 3) await add(plan, 4, 0.25);
        return { ...finished, summary: { score: tried.length } };
      });
      expect(log.at(-1)).to.equal("finished 5");
      expect(tried).to.have.length(5);
      expect([tried[1], tried[4]]).to.deep.equal([0.5, 0.25]);
      expect(valuesOf(plan)).to.deep.equal(tried);
      const again = workshop.plan(text, method);
      restorePoints(again, workshop.folder(again));
      expect(again.count).to.equal(5);
      expect(valuesOf(again)).to.deep.equal(tried);
      expect(await run(again, () => finished)).to.deep.equal([]);
    });
  }
});
