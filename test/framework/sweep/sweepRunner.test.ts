import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import type { Launcher } from "../../../framework/launch/launcher.ts";
import { readJournal } from "../../../framework/sweep/journal.ts";
import type { SweepListener } from "../../../framework/sweep/sweepRunner.ts";
import { SweepWorkers } from "../../../framework/sweep/sweepWorkers.ts";
import type { Trial, TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import {
  finished,
  interrupted,
  sweepPlayer,
  type PlayedProcess,
} from "../../support/playedSweeps.ts";
import { openTrialRun, storeTrial, sweepWorkshop } from "../../support/sweeps.ts";

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

  describe("with what trials have printed", () => {
    const secret = `hf_${"0123456789".repeat(4)}`;
    const one = "retries: 1\nparameters: { data.slope: { values: [1] } }";
    const logFile = ({ id }: Pick<Trial, "id">): string => workshop.path(`${id}.log`);
    const logOf = (trial: Trial): string => readFileSync(logFile(trial), "utf8");
    const quiet: SweepListener = { started() {}, ended() {}, waitsFor() {} };

    it("leaves no secret, however a trial ended, before its end is told", async () => {
      const told: string[] = [];
      const listener = { ...quiet, ended: (trial: Trial) => void told.push(logOf(trial)) };
      const play: PlayedProcess = (trial, start) => {
        appendFileSync(logFile(trial), `${start} ${secret}\n`);
        return start === 1 ? killed : crashed;
      };
      await run(workshop.plan(one), play, { logFile, listener });
      expect(told).to.deep.equal(["1 [redacted]\n", "1 [redacted]\n2 [redacted]\n"]);
    });

    it("waits until the launcher says that nothing is printed any more", async () => {
      const plan = workshop.plan(one);
      const trial = plan.trialAt(0)!;
      const launcher: Launcher = {
        name: "late",
        launch: () => ({
          ended: storeTrial(workshop.folder(plan), plan, trial).then(() => finished),
          async logClosed() {
            await new Promise((resolve) => setTimeout(resolve, 20));
            appendFileSync(logFile(trial), secret);
          },
          stop() {},
        }),
      };
      await run(plan, () => finished, { logFile, launcher });
      expect(logOf(trial)).to.equal("[redacted]");
    });

    /** Leaves what a sweep does that was killed while its trial ran. */
    async function leave(): Promise<Trial> {
      const plan = workshop.plan(one);
      const kill: PlayedProcess = () => {
        throw new Error("killed");
      };
      const error = await run(plan, kill, { logFile }).catch((cause: unknown) => cause);
      expect(String(error)).to.equal("Error: killed");
      const trial = plan.trialAt(0)!;
      writeFileSync(logFile(trial), `${secret}\n`);
      return trial;
    }

    it("leaves none of a trial that has ended since its sweep was killed", async () => {
      const trial = await leave();
      const plan = workshop.plan(one);
      await storeTrial(workshop.folder(plan), plan, trial);
      expect(await run(plan, () => finished, { logFile })).to.deep.equal([]);
      expect(logOf(trial)).to.equal("[redacted]\n");
    });

    it("leaves none of a trial that is taken up again, before it is", async () => {
      const trial = await leave();
      const seen: string[] = [];
      const play: PlayedProcess = () => {
        seen.push(logOf(trial));
        return finished;
      };
      await run(workshop.plan(one), play, { logFile });
      expect(seen).to.deep.equal(["[redacted]\n"]);
    });

    it("leaves a log alone while a process that a killed sweep has left still prints", async () => {
      const trial = await leave();
      const plan = workshop.plan(one);
      const left = openTrialRun(workshop.folder(plan), plan, trial);
      const seen: string[] = [];
      setTimeout(() => {
        seen.push(logOf(trial));
        void left.finish("finished");
      }, 100);
      expect(await run(plan, () => finished, { logFile })).to.deep.equal(["wait 1"]);
      expect([...seen, logOf(trial)]).to.deep.equal([`${secret}\n`, "[redacted]\n"]);
    });

    it("leaves a log alone whose trial the launcher still holds", async () => {
      const trial = await leave();
      const seen: string[] = [];
      const play: PlayedProcess = () => {
        seen.push(logOf(trial));
        return finished;
      };
      await run(workshop.plan(one), play, { logFile }, async () => true);
      expect([...seen, logOf(trial)]).to.deep.equal([`${secret}\n`, "[redacted]\n"]);
    });

    /** A launcher whose trial finishes, and of whose log one cannot tell so often that it is closed. */
    const unsure = (plan: TrialPlan, failures: number): Launcher => ({
      name: "unsure",
      launch() {
        const trial = plan.trialAt(0)!;
        writeFileSync(logFile(trial), secret);
        return {
          ended: storeTrial(workshop.folder(plan), plan, trial).then(() => finished),
          async logClosed() {
            if (failures-- > 0) throw new Error("no answer", { cause: new Error("lost") });
          },
          stop() {},
        };
      },
    });

    it("tries once more at the end when nobody knew whether a log was closed", async () => {
      const plan = workshop.plan(one);
      const trial = plan.trialAt(0)!;
      const told: string[] = [];
      const listener: SweepListener = {
        ...quiet,
        ended: () => void told.push(logOf(trial)),
        keepsSecrets: (_, reason) => void told.push(reason),
      };
      await run(plan, () => finished, { logFile, launcher: unsure(plan, 1), listener });
      expect([...told, logOf(trial)]).to.deep.equal([secret, "[redacted]"]);
    });

    it("says that a log keeps its secrets, and counts the trial all the same", async () => {
      const told: string[] = [];
      const listener: SweepListener = {
        ...quiet,
        ended: (_, { status }) => void told.push(status),
        keepsSecrets: ({ index }, reason) => void told.push(`${index + 1}: ${reason}`),
      };
      const plan = workshop.plan(one);
      await run(plan, () => finished, { logFile, launcher: unsure(plan, 2), listener });
      expect(told).to.deep.equal(["finished", "1: no answer: lost"]);
    });
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
