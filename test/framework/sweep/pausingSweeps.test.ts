import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { SearchMethod } from "../../../framework/spec/sweepSpec.ts";
import { readJournal } from "../../../framework/sweep/journal.ts";
import type { Exploit } from "../../../framework/sweep/pbt/populationQueue.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import type { SweepFolder } from "../../../framework/sweep/sweepFolder.ts";
import { runSweep } from "../../../framework/sweep/sweepRunner.ts";
import { TrialEvents } from "../../../framework/sweep/trialEvents.ts";
import type { Trial, TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { jsonLinesLogger } from "../../../framework/tracking/loggers/jsonLines.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { openTrialRun, sweepWorkshop } from "../../support/sweeps.ts";

const maxSteps = 27;

interface Play {
  readonly parallel?: number;
  /** Trials, by their number, whose processes crash. */
  readonly crashing?: readonly number[];
  /** Stops the sweep when it has started so many. */
  readonly stopAfter?: number;
  /** Of several workers: trials go on once each worker has begun one. */
  readonly meeting?: Promise<void>;
  /** Called when a trial has begun. */
  readonly begins?: () => void;
}

describe("a sweep whose trials pause", () => {
  const workshop = sweepWorkshop();

  /** Logs `loss`, the trial's slope over the step, up to where it pauses or ends. */
  async function train(folder: SweepFolder, plan: TrialPlan, trial: Trial): Promise<void> {
    const { untilStep = Infinity } = trial.stage ?? {};
    const run = openTrialRun(folder, plan, trial);
    const [last] = readMetrics(run.folder).slice(-1);
    run.loggers.push(jsonLinesLogger({ folder: run.folder, resumeStep: last?.step ?? -1 }));
    const slope = Number(plainPoint(trial.point)["data.slope"]);
    const end = Math.min(untilStep, maxSteps);
    for (let step = (last?.step ?? 0) + 1; step <= end; step++) {
      await run.logMetrics({ loss: slope / step }, { step, epoch: 0, wallTimeSeconds: 1 });
    }
    if (end < maxSteps) return run.finish("interrupted", {}, 0);
    await run.finish("finished", { loss: slope / maxSteps });
  }

  /** Runs a sweep whose processes are played. @returns what was started, and until when */
  async function run(
    plan: TrialPlan,
    { parallel = 1, crashing = [], stopAfter = Infinity, meeting, begins }: Play = {},
  ): Promise<{ started: string[]; exploits: string[] }> {
    const folder = workshop.folder(plan);
    const [started, exploits]: [string[], string[]] = [[], []];
    const controller = new AbortController();
    const begun = new Map<string, Trial>();
    await runSweep({
      plan,
      folder,
      ...{ parallel, joins: meeting !== undefined },
      backoffSeconds: 0,
      signal: controller.signal,
      logFile: () => "",
      prepare: async (trial) => (begun.set(trial.id, trial), [trial.id]),
      launcher: {
        name: "played",
        launch({ command: [id = ""] }) {
          const trial = begun.get(id)!;
          const isBad = crashing.includes(trial.index + 1);
          begins?.();
          const work = Promise.resolve(meeting).then(async () => {
            if (!isBad) await train(folder, plan, trial);
          });
          const ended = work.then(() => ({ exitCode: isBad ? 1 : 0, signal: null }));
          return { ended, stop() {} };
        },
      },
      exploit: async ({ member, donor, generation, step }: Exploit) => {
        exploits.push(`${member.index + 1} from ${donor.index + 1} after ${generation} at ${step}`);
      },
      listener: {
        started: ({ index, stage }) => {
          started.push(`${index + 1} to ${stage?.untilStep ?? "end"}`);
          if (started.length >= stopAfter) controller.abort();
        },
        ended: () => {},
        waitsFor: () => {},
      },
    });
    return { started, exploits };
  }

  /** Runs a sweep in several workers, each with what it knows by itself. @returns what all started */
  async function share(
    planOf: () => TrialPlan,
    workers: number,
    play: Play = {},
  ): Promise<string[]> {
    let meet = (): void => {};
    const meeting = new Promise<void>((resolve) => (meet = resolve));
    const begun = new Set<number>();
    const runs = await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        const begins = (): void => {
          if (begun.add(worker).size === workers) meet();
        };
        return run(planOf(), { ...play, meeting, begins });
      }),
    );
    return runs.flatMap(({ started }) => started);
  }

  const slopes = (values: readonly number[]): string =>
    `retries: 0\nmetric: { name: loss }\nparameters: { data.slope: { values: [${values.join(", ")}] } }\n`;

  const decisions = (plan: TrialPlan): string[] =>
    readJournal(workshop.folder(plan).journalFile).flatMap((event) =>
      event.event === "decided" ? [`${event.trial} ${event.decision}: ${event.reason}`] : [],
    );

  describe("by successive halving", () => {
    const halving = "early_terminate: { type: successive_halving, min_steps: 3, eta: 3 }\n";
    const nine = slopes([5, 3, 9, 1, 7, 2, 8, 6, 4]) + halving;

    it("lets the best third go on from each rung, until one is left", async () => {
      const plan = workshop.plan(nine);
      const { started } = await run(plan);
      expect(started).to.deep.equal([
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((trial) => `${trial} to 3`),
        ...["2 to 9", "4 to 9", "6 to 9"],
        "4 to end",
      ]);
      expect(decisions(plan).slice(8)).to.deep.equal([
        "3 dropped: successive halving at step 3: 3 is number 9 of 9, of which the best 3 go on, to 1",
        "4 promoted: successive halving at step 9: 0.111111 is number 1 of 3, of which the best goes on, to 0.111111",
        "6 dropped: successive halving at step 9: 0.222222 is number 2 of 3, of which the best goes on, to 0.111111",
        "2 dropped: successive halving at step 9: 0.333333 is number 3 of 3, of which the best goes on, to 0.111111",
      ]);
    });

    it("keeps one curve of a trial that goes on", async () => {
      const plan = workshop.plan(nine);
      await run(plan);
      const folder = workshop.folder(plan);
      const steps = (index: number): number[] =>
        readMetrics(folder.runFolder(plan.trialAt(index)!.id)).map(({ step }) => step);
      expect(steps(3)).to.deep.equal(Array.from({ length: maxSteps }, (_, i) => i + 1));
      expect(steps(0)).to.deep.equal([1, 2, 3]);
      expect(folder.record(plan.trialAt(3)!.id).status).to.equal("finished");
      expect(folder.record(plan.trialAt(0)!.id)).to.include({ status: "pruned" });
    });

    it("decides the same with several at once", async () => {
      const plan = workshop.plan(nine);
      await run(plan, { parallel: 4 });
      const alone = workshop.plan(`name: alone\n${nine}`);
      await run(alone);
      expect(decisions(plan)).to.deep.equal(decisions(alone));
    });

    it("decides the same in several workers, which start nothing twice", async () => {
      const alone = workshop.plan(`name: alone\n${nine}`);
      const { started } = await run(alone);
      const all = await share(() => workshop.plan(nine), 3);
      expect(all.toSorted()).to.deep.equal(started.toSorted());
      expect(decisions(workshop.plan(nine))).to.deep.equal(decisions(alone));
    });

    it("takes up what a worker that was killed has begun, where it had paused", async () => {
      const plan = workshop.plan(nine);
      await run(plan, { stopAfter: 10 });
      const folder = workshop.folder(plan);
      const events = new TrialEvents(folder, "killed00");
      await events.exclusively(() => events.note(plan.trialAt(3)!, { event: "started" }));
      await events.close();
      const rest = await share(() => workshop.plan(nine), 2);
      expect(rest.filter((each) => each.startsWith("4 "))).to.deep.equal(["4 to 9", "4 to end"]);
    });

    it("does not try a trial again that has failed elsewhere", async () => {
      const all = await share(() => workshop.plan(nine), 3, { crashing: [4] });
      expect(all.filter((each) => each.startsWith("4 "))).to.deep.equal(["4 to 3"]);
      expect(new Set(all).size).to.equal(all.length);
      expect(all).to.include("6 to end");
    });

    it("does not wait for a trial that fails, which is out", async () => {
      const plan = workshop.plan(nine);
      const { started } = await run(plan, { crashing: [4] });
      expect(started.slice(9)).to.deep.equal(["2 to 9", "6 to 9", "9 to 9", "6 to end"]);
      expect(decisions(plan)[8]).to.match(/^4 dropped: .*: no value is number 9 of 9/);
    });

    it("refuses to compare by what no trial logs", async () => {
      const plan = workshop.plan(nine.replace("name: loss", "name: los"));
      const error = await run(plan).catch((cause: unknown) => cause);
      expect(String(error)).to.match(/^InputError: Cannot compare trials at step 3: expected los /);
    });

    it("goes on where it was stopped, and decides nothing twice", async () => {
      for (const stopAfter of [4, 9, 10, 12]) {
        const plan = workshop.plan(`name: stopped-${stopAfter}\n${nine}`);
        const first = await run(plan, { stopAfter });
        const rest = await run(workshop.plan(`name: stopped-${stopAfter}\n${nine}`));
        expect(first.started.length + rest.started.length).to.equal(13 + 1); // the last one again
        expect(decisions(plan)).to.have.length(12);
      }
    });

    it("takes the decisions that a killed sweep has left untaken", async () => {
      const whole = workshop.plan(nine);
      await run(whole, { stopAfter: 10 });
      const all = decisions(whole);
      expect(all).to.have.length(9);
      const file = workshop.folder(whole).journalFile;
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      const firstDecision = lines.findIndex((line) => line.includes('"decided"'));
      writeFileSync(file, `${lines.slice(0, firstDecision + 2).join("\n")}\n{"id":"torn`);
      await run(workshop.plan(nine));
      expect(decisions(whole).slice(0, 9)).to.deep.equal(all);
    });
  });

  describe("by asynchronous successive halving", () => {
    const asha = "early_terminate: { type: asha, promotion: pause, min_steps: 3, eta: 3 }\n";

    it("promotes a trial once it is among the best third, before another begins", async () => {
      const plan = workshop.plan(slopes([3, 1, 2, 6, 5, 4]) + asha);
      const { started } = await run(plan);
      expect(started).to.deep.equal([
        ...["1 to 3", "2 to 3", "3 to 3", "2 to 9"],
        ...["4 to 3", "5 to 3", "6 to 3", "3 to 9"],
      ]);
      const { status } = workshop.folder(plan).record(plan.trialAt(2)!.id);
      expect(status).to.equal("paused");
      expect((await run(workshop.plan(slopes([3, 1, 2, 6, 5, 4]) + asha))).started).to.deep.equal(
        [],
      );
    });

    it("is shared by several workers, which start nothing twice", async () => {
      const nine = slopes([5, 3, 9, 1, 7, 2, 8, 6, 4]) + asha;
      const all = await share(() => workshop.plan(nine), 3);
      expect(new Set(all).size).to.equal(all.length);
      expect(all).to.include.members(["4 to 9", "4 to 27"]);
      expect(all.filter((each) => each.endsWith(" 3"))).to.have.length(9);
      expect(all.filter((each) => each.endsWith(" 9"))).to.have.length(3);
    });

    it("brings the best to their end", async () => {
      const nine = slopes([5, 3, 9, 1, 7, 2, 8, 6, 4]) + asha;
      const { started } = await run(workshop.plan(nine), { parallel: 2 });
      expect(started).to.include.members(["4 to 9", "4 to 27"]);
      expect(started.filter((each) => each.endsWith(" 9"))).to.have.length(3);
    });
  });

  it("lets a searcher learn from what paused trials had reached", async () => {
    const plan = workshop.plan(
      `retries: 0
run_cap: 15
metric: { name: loss }
early_terminate: { type: asha, promotion: pause, min_steps: 26, eta: 15 }
parameters: { data.slope: { min: 0.0, max: 1.0 } }
`,
      "tpe",
    );
    await run(plan);
    const slopesOf = plan.known(15).map(({ point }) => Number(plainPoint(point)["data.slope"]));
    expect(Math.max(...slopesOf.slice(10))).to.be.below(0.6);
    const finished = plan.known(15).filter(({ id }) => {
      return workshop.folder(plan).record(id).status === "finished";
    });
    expect(finished).to.have.length(1);
  });

  describe("of a population", () => {
    const pbt = (more = ""): string => `retries: 0
metric: { name: loss }
pbt: { size: 4, interval: 9 }
${more}parameters: { data.slope: { min: 1.0, max: 100.0 } }
`;
    const population = (more = "", method: SearchMethod = "pbt"): TrialPlan =>
      workshop.plan(pbt(more), method);

    it("ends each generation together, and lets the worst go on from the best", async () => {
      const plan = population();
      const { started, exploits } = await run(plan);
      const generation = (until: string): string[] => [1, 2, 3, 4].map((n) => `${n} to ${until}`);
      expect(started).to.deep.equal([...generation("9"), ...generation("18"), ...generation("27")]);
      const initial = plan.first(4).map((trial) => Number(plainPoint(trial.point)["data.slope"]));
      const best = 1 + initial.indexOf(Math.min(...initial));
      const worst = 1 + initial.indexOf(Math.max(...initial));
      expect(exploits[0]).to.equal(`${worst} from ${best} after 0 at 9`);
      expect(exploits).to.have.length(2);
    });

    it("has one result, however many run at once and wherever it was stopped", async () => {
      const plan = population();
      await run(plan);
      const all = decisions(plan).toSorted();
      for (const stopAfter of [3, 5, 9]) {
        const name = `name: s${stopAfter}\n`;
        await run(population(name), { parallel: 3, stopAfter });
        await run(population(name), { parallel: 2 });
        expect(decisions(population(name)).toSorted()).to.deep.equal(all);
      }
    });

    it("has that result in several workers as well", async () => {
      const plan = population();
      await run(plan);
      const all = await share(() => population("name: shared\n"), 3);
      expect(all).to.have.length(12);
      expect(decisions(population("name: shared\n")).toSorted()).to.deep.equal(
        decisions(plan).toSorted(),
      );
    });

    it("does an exploit again that a killed sweep may have left undone", async () => {
      const plan = population();
      const { exploits } = await run(plan, { stopAfter: 5 });
      expect(exploits).to.have.length(1);
      expect((await run(population())).exploits[0]).to.equal(exploits[0]);
    });
  });
});
