import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import type { LaunchEnd, Launcher } from "../../../framework/launch/launcher.ts";
import { readJournal } from "../../../framework/sweep/journal.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import { writeSweepWish } from "../../../framework/sweep/sweepControl.ts";
import { runSweep, type SweepRunnerOptions } from "../../../framework/sweep/sweepRunner.ts";
import { SweepWorkers } from "../../../framework/sweep/sweepWorkers.ts";
import { TrialEvents } from "../../../framework/sweep/trialEvents.ts";
import type { Trial, TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { openTrialRun, storeTrial, sweepWorkshop, type StoredTrial } from "../../support/sweeps.ts";

/** What a trial's process does, told which of its starts this is, from 1, and when it is to stop. */
type Process = (
  trial: Trial,
  start: number,
  stopped: Promise<void>,
) => Promise<LaunchEnd & StoredTrial> | (LaunchEnd & StoredTrial);

const finished = { exitCode: 0, signal: null };
const crashed = { exitCode: 1, signal: null, outcome: "failed", summary: { error: "oh" } } as const;
const killed = { exitCode: null, signal: "SIGKILL" };

describe("runSweep()", () => {
  const workshop = sweepWorkshop();

  const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }";

  /** Runs a sweep whose processes are played; logs what the listener is told. */
  async function run(
    plan: TrialPlan,
    play: Process,
    options: Partial<SweepRunnerOptions> = {},
    holds?: Launcher["holds"],
  ): Promise<string[]> {
    const log: string[] = [];
    const starts = new Map<string, number>();
    const folder = workshop.folder(plan);
    const launcher: Launcher = {
      name: "played",
      ...(holds && { holds }),
      launch({ command: [id = ""] }) {
        const trial = plan.known(99).find((each) => each.id === id)!;
        starts.set(id, (starts.get(id) ?? 0) + 1);
        let stop = (): void => {};
        const stopped = new Promise<void>((resolve) => (stop = resolve));
        const ended = (async (): Promise<LaunchEnd> => {
          const { outcome, summary, logged, ...end } = await play(trial, starts.get(id)!, stopped);
          const left = { ...(outcome && { outcome }), ...(summary && { summary }) };
          if (end.signal === null) {
            await storeTrial(folder, plan, trial, { ...left, ...(logged && { logged }) });
          }
          return end;
        })();
        return {
          ended,
          stop() {
            log.push(`stop ${trial.index + 1}`);
            stop();
          },
        };
      },
    };
    await runSweep({
      plan,
      folder,
      launcher,
      parallel: 1,
      prepare: async ({ id }) => [id],
      logFile: () => "",
      listener: {
        started: ({ index }) => log.push(`start ${index + 1}`),
        ended: ({ index }, { status, reason }, willRetry) =>
          log.push(
            `${status} ${index + 1}${reason === undefined ? "" : `: ${reason}`}${willRetry ? ", again" : ""}`,
          ),
        waitsFor: ({ index }) => log.push(`wait ${index + 1}`),
      },
      signal: new AbortController().signal,
      backoffSeconds: 0,
      ...options,
    });
    return log;
  }

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
        return { exitCode: 143, signal: null, outcome: "interrupted" };
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
    const play: Process = async () => {
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

  describe("with several workers", () => {
    const slow: Process = async () => {
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
      events.close();
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
      events.close();
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
      const score: Process = async (trial) => ({
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

  describe("asked from outside", () => {
    /** Runs until it is asked to stop, the first time. */
    const long: Process = async (_trial, start, stopped) => {
      if (start > 1) return finished;
      await stopped;
      return { exitCode: 143, signal: null, outcome: "interrupted" };
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
        return { exitCode: 143, signal: null, outcome: "interrupted" };
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
    const play: Process = async (trial, _start, stopped) => {
      const logged = [{ loss: trial.index === 1 ? 5 : 1 }, { loss: trial.index === 1 ? 4 : 0 }];
      if (trial.index !== 1) return { ...finished, logged };
      await storeTrial(folder, plan, trial, { outcome: "interrupted", logged });
      await stopped;
      return { exitCode: 143, signal: null, outcome: "interrupted" };
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

  describe("with a searcher that learns", () => {
    const text = `run_cap: 15
metric: { name: score }
seeds: 1
parameters: { data.slope: { min: 0.0, max: 1.0 } }`;
    const slopeOf = (trial: Trial): number => Number(plainPoint(trial.point)["data.slope"]);
    const score: Process = (trial) => ({ ...finished, summary: { score: slopeOf(trial) } });
    const learnt = (plan: TrialPlan): number[] => plan.known(15).map(slopeOf);

    it("tells it what trials have found", async () => {
      const plan = workshop.plan(text, "tpe");
      await run(plan, score);
      const late = learnt(plan).slice(10);
      expect(Math.max(...late)).to.be.lessThan(0.6);
      expect(learnt(plan)).to.have.length(15);
    });

    it("goes on with the points that it chose before", async () => {
      const first = workshop.plan(text, "tpe");
      await run(first, score, { count: 12 });
      const second = workshop.plan(text, "tpe");
      for (const point of workshop.folder(second).suggestions(second.id)) second.restore(point);
      expect(learnt(second)).to.deep.equal(learnt(first));
      const log = await run(second, score);
      expect(log).to.deep.equal([13, 14, 15].flatMap((n) => [`start ${n}`, `finished ${n}`]));
      const whole = workshop.plan(text.replace("seeds: 1", "name: whole\nseeds: 1"), "tpe");
      await run(whole, score);
      expect(learnt(second)).to.deep.equal(learnt(whole));
    });
  });
});
