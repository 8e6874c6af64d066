import { expect } from "chai";
import { describe, it } from "mocha";

import { SweepProgress } from "../../../../framework/cli/sweeps/sweepProgress.ts";
import type { TrialPlan } from "../../../../framework/sweep/trialPlan.ts";
import { storeTrial, sweepWorkshop } from "../../../support/sweeps.ts";

describe("SweepProgress", () => {
  const workshop = sweepWorkshop();

  function watch(plan: TrialPlan): {
    progress: SweepProgress;
    printed: string[];
    warned: string[];
    time: { ms: number };
  } {
    const [printed, warned]: [string[], string[]] = [[], []];
    const time = { ms: 0 };
    const progress = new SweepProgress({
      plan,
      folder: workshop.folder(plan),
      finished: 1,
      count: () => plan.count,
      terminal: { print: (line) => printed.push(line), warn: (line) => warned.push(line) },
      nowMs: () => time.ms,
    });
    return { progress, printed, warned, time };
  }

  const text = `metric: { name: score }\nparameters: { data.slope: { values: [1, 2, 3, 4] } }`;

  it("tells how far running trials are, and the time that is left at this pace", async () => {
    const plan = workshop.plan(text);
    const { progress, time } = watch(plan);
    const trial = plan.trialAt(1)!;
    progress.started(trial);
    progress.prepared(trial, 10);
    expect(progress.describe()).to.equal("1/4 trials done | 2: starting");
    const logged = [1, 2, 3, 4, 5].map((loss) => ({ "train/loss": loss / 8 }));
    await storeTrial(workshop.folder(plan), plan, trial, { outcome: "interrupted", logged });
    time.ms = 60_000;
    expect(progress.describe()).to.equal("1/4 trials done, ETA 5m 00s | 2: step 5/10 loss 0.625");
  });

  it("shows no more than eight running trials", () => {
    const plan = workshop.plan("parameters: { data.slope: { min: 1, max: 10 } }");
    const { progress } = watch(plan);
    for (const trial of plan.first(10)) progress.prepared(trial, 10);
    expect(progress.describe()).to.match(/^1\/10 trials done \| 1: starting .* \| and 2 more$/);
  });

  it("tells once, and with those that there are, that no trial has the metric", async () => {
    const plan = workshop.plan(text.replace("score", "scroe"));
    const { progress, warned } = watch(plan);
    for (const trial of plan.first(2)) {
      await storeTrial(workshop.folder(plan), plan, trial, { summary: { score: 1, loss: 2 } });
      progress.ended(trial, workshop.folder(plan).record(trial.id), false);
    }
    expect(warned).to.have.length(1);
    expect(warned[0]).to.match(
      /sweep\.yaml:3 at \/metric\/name: expected a metric of the trials, got "scroe", .*: it has loss, score$/,
    );
  });

  it("says all of several metrics", async () => {
    const plan = workshop.plan(text.replace(/metric: .*/, "metrics: [{ name: a }, { name: b }]"));
    const { progress, printed } = watch(plan);
    const trial = plan.trialAt(0)!;
    await storeTrial(workshop.folder(plan), plan, trial, { summary: { a: 0.5 } });
    progress.ended(trial, workshop.folder(plan).record(trial.id), false);
    expect(printed).to.deep.equal(["Trial 1/4 finished in 0s: a 0.5, b was not reported"]);
  });

  it("says what becomes of trials that pause; those that do not go on are done", () => {
    const { progress, printed } = watch(workshop.plan(text));
    const [good, bad] = workshop.plan(text).first(2);
    progress.ended(bad!, { status: "paused", pausedAt: 30, seconds: 2, starts: 1 }, false);
    expect(progress.describe()).to.equal("1/4 trials done");
    const where = { event: "decided", rung: 0, step: 30 } as const;
    progress.decided(good!, { ...where, decision: "promoted", reason: "first of 2" });
    progress.decided(bad!, { ...where, decision: "dropped", reason: "second of 2" });
    expect(printed).to.deep.equal([
      "Trial 2/4 pauses after 2s at step 30",
      "Trial 1/4 goes on: first of 2",
      "Trial 2/4 does not go on: second of 2",
    ]);
    expect(progress.describe()).to.match(/^2\/4 trials done/);
  });

  it("says what became of each trial", async () => {
    const plan = workshop.plan(text);
    const { progress, printed } = watch(plan);
    const folder = workshop.folder(plan);
    const [good, bad] = plan.first(2);
    await storeTrial(folder, plan, good!, { summary: { score: 0.123456 } });
    for (const trial of [good!, bad!]) progress.started(trial);
    progress.ended(good!, folder.record(good!.id), false);
    const failed = { status: "failed", seconds: 70, starts: 1, reason: "exit code 1: oh" } as const;
    progress.ended(bad!, failed, true);
    progress.ended(bad!, failed, false);
    progress.ended(bad!, { status: "interrupted", seconds: 2, starts: 1 }, false);
    progress.waitsFor(bad!, 12);
    expect(printed.slice(2)).to.deep.equal([
      "Trial 1/4 finished in 0s: score 0.1235",
      "Trial 2/4 failed after 1m 10s: exit code 1: oh; trying again",
      `Trial 2/4 failed after 1m 10s: exit code 1: oh; see ${folder.runFolder(bad!.id)}/trial.log`,
      "Trial 2/4 stopped after 2s; it can go on",
      "Trial 2/4 is still run by process 12: waiting until that ends",
    ]);
    expect(printed[0]).to.equal(`Trial 1/4 starts: data.slope=1, ${folder.runFolder(good!.id)}`);
  });
});
