import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { readJournal } from "../../../framework/sweep/journal.ts";
import { SweepWorkers } from "../../../framework/sweep/sweepWorkers.ts";
import type { Trial } from "../../../framework/sweep/trialPlan.ts";
import {
  finished,
  interrupted,
  sweepPlayer,
  type PlayedProcess,
} from "../../support/playedSweeps.ts";
import { openTrialRun, sweepWorkshop } from "../../support/sweeps.ts";

const crashed = { exitCode: 1, signal: null, outcome: "failed", summary: { error: "oh" } } as const;
const killed = { exitCode: null, signal: "SIGKILL" };

describe("runSweep()", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);
  const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }";

  it("runs every trial once, in order", async () => {
    const plan = workshop.plan("parameters: { data.slope: { values: [1, 2] } }");
    expect(await run(plan, () => finished)).to.deep.equal([
      "start 1",
      "finished 1",
      "start 2",
      "finished 2",
    ]);
    expect(await run(plan, () => finished)).to.deep.equal([]);
  });

  it("keeps as many trials running as it may", async () => {
    let [running, most] = [0, 0];
    const plan = workshop.plan(four);
    await run(
      plan,
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
        return finished;
      },
      { parallel: 3 },
    );
    expect(most).to.equal(3);
  });

  it("goes on after a trial that fails, and tries it again next time", async () => {
    const plan = workshop.plan(`retries: 0\n${four}`);
    const log = await run(plan, ({ index }) => (index === 1 ? crashed : finished));
    expect(log).to.include.members(["failed 2: exit code 1: oh", "finished 3", "finished 4"]);
    expect(await run(plan, () => finished)).to.deep.equal(["start 2", "finished 2"]);
  });

  it("takes a crashed trial up again, as often as it may", async () => {
    const plan = workshop.plan("retries: 2\nparameters: { data.slope: { values: [1, 2] } }");
    const log = await run(plan, ({ index }, start) =>
      index === 0 ? killed : start === 1 ? crashed : finished,
    );
    expect(log).to.deep.equal([
      "start 1",
      "failed 1: signal SIGKILL, again",
      "start 1",
      "failed 1: signal SIGKILL, again",
      "start 1",
      "failed 1: signal SIGKILL",
      "start 2",
      "failed 2: exit code 1: oh, again",
      "start 2",
      "finished 2",
    ]);
  });

  it("does not try again what the user has to mend", async () => {
    const plan = workshop.plan("retries: 5\nparameters: { data.slope: { values: [1, 2] } }");
    const prepare = async ({ id, index }: Trial): Promise<string[]> => {
      if (index === 0) throw new InputError("Cannot do it");
      return [id];
    };
    const log = await run(plan, () => ({ exitCode: 2, signal: null, outcome: "failed" }), {
      prepare,
    });
    expect(log).to.deep.equal([
      "start 1",
      "failed 1: Cannot do it",
      "start 2",
      "failed 2: exit code 2",
    ]);
  });

  it("does not try again what the launcher calls final, and tells why", async () => {
    const plan = workshop.plan("retries: 5\nparameters: { data.slope: { values: [1] } }");
    const end = { ...killed, reason: "cancelled by the queue", isFinal: true };
    expect(await run(plan, () => end)).to.deep.equal([
      "start 1",
      "failed 1: cancelled by the queue",
    ]);
  });

  it("stops running trials and starts no others when it is asked to", async () => {
    const controller = new AbortController();
    const plan = workshop.plan(four);
    const log = await run(
      plan,
      async () => {
        await Promise.resolve();
        controller.abort();
        return interrupted;
      },
      { signal: controller.signal },
    );
    expect(log).to.deep.equal(["start 1", "stop 1", "interrupted 1"]);
    const events = readJournal(workshop.folder(plan).journalFile);
    expect(events.map(({ event }) => event)).to.deep.equal(["started", "ended"]);
    expect((await run(plan, () => finished)).slice(0, 2)).to.deep.equal(["start 1", "finished 1"]);
  });

  it("waits for a trial that the process of a killed sweep still runs", async () => {
    const plan = workshop.plan("parameters: { data.slope: { values: [1] } }");
    const left = openTrialRun(workshop.folder(plan), plan, plan.trialAt(0)!);
    setTimeout(() => void left.finish("interrupted"), 100);
    expect(await run(plan, () => finished)).to.deep.equal(["wait 1", "start 1", "finished 1"]);
  });

  it("does not repeat a trial that such a process has finished", async () => {
    const plan = workshop.plan("parameters: { data.slope: { values: [1] } }");
    const left = openTrialRun(workshop.folder(plan), plan, plan.trialAt(0)!);
    setTimeout(() => void left.finish("finished"), 100);
    expect(await run(plan, () => finished)).to.deep.equal(["wait 1"]);
  });

  it("leaves a trial that still runs to a launcher which takes it up", async () => {
    const plan = workshop.plan("parameters: { data.slope: { values: [1] } }");
    const folder = workshop.folder(plan);
    const left = openTrialRun(folder, plan, plan.trialAt(0)!);
    const play: PlayedProcess = async () => {
      await left.finish("interrupted");
      return finished;
    };
    const holds = async (at: string): Promise<boolean> => at === left.folder;
    expect(await run(plan, play, {}, holds)).to.deep.equal(["start 1", "finished 1"]);
  });

  it("looks at the first trials alone when there is a count", async () => {
    const log = await run(workshop.plan(four), () => finished, { count: 1 });
    expect(log).to.deep.equal(["start 1", "finished 1"]);
  });

  for (const [goal, ended] of [
    ["minimize", 2],
    ["maximize", 1],
  ] as const) {
    it(`ends once a trial has reached the target, to ${goal}`, async () => {
      const plan = workshop.plan(`metric: { name: x, goal: ${goal}, target: 0.5 }\n${four}`);
      const log = await run(plan, ({ index }) => ({ ...finished, summary: { x: 1 - index / 2 } }));
      expect(log.at(-1)).to.equal(`finished ${ended}`);
      expect(await run(plan, () => finished)).to.deep.equal([]);
    });
  }

  it("ends once one trial has reached the targets of several metrics", async () => {
    const metrics = "[{ name: x, target: 0.5 }, { name: y, goal: maximize, target: 2 }]";
    const plan = workshop.plan(`metrics: ${metrics}\n${four}`);
    const log = await run(plan, ({ index }) => ({
      ...finished,
      summary: { x: 1 - index / 2, y: index },
    }));
    expect(log.at(-1)).to.equal("finished 3");
  });

  it("starts no trial once they took longer than max_time", async () => {
    const plan = workshop.plan(`max_time: 5 s\n${four}`);
    let now = 0;
    const log = await run(plan, () => ((now += 3000), finished), { nowMs: () => now });
    expect(log.at(-1)).to.equal("finished 2");
    expect(await run(plan, () => finished)).to.deep.equal([]);
  });

  it("refuses a sweep that another process runs", async () => {
    const plan = workshop.plan(four);
    const folder = workshop.folder(plan);
    mkdirSync(folder.path, { recursive: true });
    const other = new SweepWorkers(folder.path);
    other.join(false);
    const error = await run(plan, () => finished).catch((cause: unknown) => cause);
    other.leave();
    expect(String(error)).to.match(/^InputError: .*it is in use by process/);
    expect(await run(plan, () => finished, { count: 1 })).to.have.length(2);
  });
});
