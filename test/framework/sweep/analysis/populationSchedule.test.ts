import { appendFileSync, mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { populationSchedule } from "../../../../framework/sweep/analysis/populationSchedule.ts";
import { currentTrial } from "../../../../framework/sweep/currentTrial.ts";
import type { DecidedEvent } from "../../../../framework/sweep/journal.ts";
import { plainPoint } from "../../../../framework/sweep/point.ts";
import { sweepWorkshop } from "../../../support/sweeps.ts";

describe("populationSchedule()", () => {
  const workshop = sweepWorkshop();

  it("follows weights from member to member back to the start", () => {
    const plan = workshop.plan(
      `metric: { name: loss }
pbt: { size: 3, interval: 10 }
parameters: { data.slope: { min: 1.0, max: 9.0 } }`,
      "pbt",
    );
    const folder = workshop.folder(plan);
    const [one, two, three] = plan.first(3);
    mkdirSync(folder.path, { recursive: true });
    const note = (trial: typeof one, rung: number, more: Partial<DecidedEvent>): void => {
      const event = {
        ...{ id: trial!.id, trial: trial!.index + 1, time: "2026-01-01T00:00:00Z" },
        ...{ event: "decided", decision: "kept", rung, step: 10 * (rung + 1), reason: "" },
        ...more,
      };
      appendFileSync(folder.journalFile, `${JSON.stringify(event)}\n`);
      folder.refresh();
    };
    const exploit = (from: typeof one, slope: number): Partial<DecidedEvent> => {
      return { decision: "exploited", from: from!.id, point: { "data.slope": slope } };
    };
    note(one, 0, {});
    note(two, 0, exploit(three, 5));
    note(three, 0, {});
    note(one, 1, exploit(two, 6));
    note(two, 1, exploit(three, 7)); // after one has taken its weights
    note(three, 1, {});
    const schedule = populationSchedule(plan, folder, one!).map(({ fromStep, trial, point }) => [
      fromStep,
      trial.index + 1,
      plainPoint(point)["data.slope"],
    ]);
    expect(schedule).to.deep.equal([
      [0, 3, plainPoint(three!.point)["data.slope"]],
      [10, 2, 5],
      [20, 1, 6],
    ]);
    expect(plainPoint(currentTrial(plan, folder, two!).point)).to.deep.equal({ "data.slope": 7 });
    expect(populationSchedule(plan, folder, three!)).to.have.length(1);
  });
});
