import { expect } from "chai";
import { describe, it } from "mocha";

import { loadSweep } from "../../../../framework/cli/sweeps/loadSweep.ts";
import type { SearchMethod } from "../../../../framework/spec/sweepSpec.ts";
import { plainPoint } from "../../../../framework/sweep/point.ts";
import { restorePoints } from "../../../../framework/sweep/restorePoints.ts";
import { TrialEvents } from "../../../../framework/sweep/trialEvents.ts";
import type { TrialPlan } from "../../../../framework/sweep/trialPlan.ts";
import { seedbed } from "../../../support/cli.ts";
import { sweepWorkshop } from "../../../support/sweeps.ts";

const rates = "parameters: { optimizer.learningRate: { values: [0.1, 0.2, 0.3] } }";
const range = "parameters: { optimizer.learningRate: { min: 0.1, max: 0.9 } }";

describe("seedbed sweep add", () => {
  const run = seedbed();
  const workshop = sweepWorkshop();
  const words = (): string[] => ["--runs", workshop.path("runs")];
  const add = (...values: string[]): ReturnType<typeof run> =>
    run(["sweep", "add", workshop.path("sweep.yaml"), ...values, ...words()]);

  /** The plan as a process has it that starts now. */
  async function plan(text: string, method: SearchMethod): Promise<TrialPlan> {
    workshop.plan(text, method);
    const runsFolder = workshop.path("runs");
    const made = await loadSweep(workshop.path("sweep.yaml"), () => {}, {
      ...{ runsFolder, checksTrials: false },
    });
    restorePoints(made, workshop.folder(made));
    return made;
  }

  const ratesOf = (made: TrialPlan, count = made.count ?? 0): unknown[] =>
    made.known(count).map(({ point }) => plainPoint(point)["optimizer.learningRate"]);

  async function begin(made: TrialPlan, count: number): Promise<void> {
    const events = new TrialEvents(workshop.folder(made), "first");
    await events.exclusively(() => {
      for (const trial of made.first(count)) events.note(trial, { event: "started" });
    });
    await events.close();
  }

  it("puts a trial in behind those that were begun, on all seeds", async () => {
    const text = `run_cap: 6\nseeds: 2\n${range}`;
    const before = await plan(text, "random");
    const drawn = ratesOf(before);
    const folder = workshop.folder(before);
    await add("optimizer.learningRate=0.5"); // makes the folder
    const { exitCode, printed } = await add("optimizer.learningRate=0.6");
    expect(exitCode).to.equal(0);
    expect(printed[0]).to.match(
      /^Trial 3 of sweep, \w{8}: optimizer.learningRate 0.6; it runs with: /,
    );
    folder.refresh();
    expect(folder.additions(before.id).map(({ trial }) => trial)).to.deep.equal([1, 3]);
    const after = await plan(text, "random");
    expect(after.count).to.equal(10);
    expect(ratesOf(after)).to.deep.equal([0.5, 0.5, 0.6, 0.6, ...drawn]);
  });

  it("leaves those that were begun in their places, whatever the method", async () => {
    for (const method of ["random", "sobol", "tpe"] as const) {
      const text = `name: ${method}\nmetric: { name: x }\n${range}`;
      const before = await plan(text, method);
      const drawn = before.first(2).map(({ id }) => id);
      await add("optimizer.learningRate=0.3");
      expect(ratesOf(await plan(text, method), 1)).to.deep.equal([0.3]);
      await begin(await plan(text, method), method === "tpe" ? 1 : 3);
      await add("optimizer.learningRate=0.4");
      const all = (await plan(text, method)).first(5);
      const at = method === "tpe" ? 1 : 3;
      expect(plainPoint(all[at]!.point), method).to.deep.equal({ "optimizer.learningRate": 0.4 });
      if (method !== "tpe") expect(all.slice(1, 3).map(({ id }) => id)).to.deep.equal(drawn);
    }
  });

  it("is heard by a process that has the plan already", async () => {
    const text = `run_cap: 3\n${range}`;
    const running = await plan(text, "random");
    const ids = running.first(3).map(({ id }) => id);
    await add("optimizer.learningRate=0.5");
    restorePoints(running, workshop.folder(running));
    expect(running.count).to.equal(4);
    expect(
      running
        .first(4)
        .map(({ id }) => id)
        .slice(1),
    ).to.deep.equal(ids);
    restorePoints(running, workshop.folder(running));
    expect(running.count).to.equal(4);
  });

  it("refuses what is a trial of the sweep, or not one of its points", async () => {
    await plan(rates, "grid");
    const twin = await add("optimizer.learningRate=0.2");
    expect(twin.exitCode).to.equal(2);
    expect(twin.warned[0]).to.match(/^Cannot add a trial to sweep: it is trial 2, \w{8}/);
    const outside = await add("optimizer.learningRate=0.25");
    expect(outside.warned[0]).to.match(/learningRate is one of 0.1, 0.2, 0.3, got 0.25/);
  });

  it("refuses what the experiment does not take", async () => {
    const text = "run_cap: 2\nparameters: { optimizer.learningRate: { min: -9.0, max: 0.5 } }";
    await plan(text, "random");
    const { exitCode, warned } = await add("optimizer.learningRate=-3");
    expect(exitCode).to.equal(2);
    expect(warned.join("\n")).to.match(/learningRate/);
    const made = await plan(text, "random");
    expect(workshop.folder(made).additions(made.id)).to.deep.equal([]);
  });

  it("refuses where all that compete are known from the start", async () => {
    const early = "early_terminate: { type: successive_halving, min_steps: 1 }";
    await plan(`metric: { name: x }\n${early}\n${rates}`, "grid");
    const { warned } = await add("optimizer.learningRate=0.2");
    expect(warned[0]).to.match(/all that compete in successive_halving must be known before/);
  });
});
