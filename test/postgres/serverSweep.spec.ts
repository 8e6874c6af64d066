import { readdirSync } from "node:fs";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import type { SearchMethod } from "../../framework/spec/sweepSpec.ts";
import { wishServerSweep } from "../../framework/sweep/postgres/serverSweep.ts";
import type { SweepEnd } from "../../framework/sweep/sweepRunner.ts";
import { TrialEvents } from "../../framework/sweep/trialEvents.ts";
import { finishedTrials, sweepNumbers } from "../support/sweepChecks.ts";
import { cuttingProxy, type CuttingProxy } from "./cuttingProxy.ts";
import type { PlayedStep } from "./playedWorker.ts";
import { four, serverWorkshop } from "./serverWorkshop.ts";
import { server } from "./sharedServer.ts";

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });

const scored = "metric: { name: score, goal: maximize }\n";
const range = "parameters: { data.slope: { min: 0.0, max: 1.0 } }\n";
const asha = "early_terminate: { type: asha, promotion: pause, min_steps: 1, eta: 3 }\n";
const halving = "early_terminate: { type: successive_halving, min_steps: 1, eta: 3 }\n";

describe("a sweep whose journal is in PostgreSQL", () => {
  const {
    workshop,
    warned,
    database,
    open,
    work,
    alone,
    sweepOf,
    eventsOf,
    linesOf,
    failure,
    storyOf,
    addressOf,
  } = serverWorkshop();

  describe("in one folder", () => {
    for (const [what, method, text] of [
      ["a searcher that learns", "tpe", `run_cap: 11\n${scored}${range}`],
      ["trials that are promoted", "tpe", `run_cap: 7\n${scored}${range}${asha}`],
    ] satisfies [string, SearchMethod, string][]) {
      it(`keeps the journal that a folder keeps, of ${what}`, async () => {
        await work(workshop.plan(text, method), "one");
        await alone(workshop.plan(text, method));
        expect(storyOf("one")).to.deep.equal(storyOf("alone"));
        expect(sweepNumbers(sweepOf("one"))).to.deep.equal(sweepNumbers(sweepOf("alone")));
      });
    }

    it("is shared by workers that see each other's runs", async () => {
      await Promise.all([1, 2, 3].map(() => work(workshop.plan(four), "one")));
      expect(linesOf("one", /starts/).toSorted()).to.deep.equal(
        [1, 2, 3, 4].map((n) => `${n} starts`),
      );
      expect(finishedTrials(sweepOf("one")).size).to.equal(4);
    });

    it("goes on from the checkpoint of a worker that was killed", async () => {
      const plan = workshop.plan(four);
      const stop = new AbortController();
      const onStep = (_: unknown, step: number): void => void (step === 5 && stop.abort());
      await work(plan, "one", { signal: stop.signal, onStep });
      await work(workshop.plan(four), "one");
      expect(linesOf("one", /^1 step/)).to.deep.equal(
        Array.from({ length: 9 }, (_, i) => `1 step ${i + 1}`),
      );
    });
  });

  describe("with workers that have no folder in common", () => {
    it("shares the trials of a grid, of which none is run twice", async () => {
      await Promise.all(["one", "two", "three"].map((place) => work(workshop.plan(four), place)));
      const starts = ["one", "two", "three"].flatMap((place) => linesOf(place, /starts/));
      expect(starts.toSorted()).to.deep.equal([1, 2, 3, 4].map((n) => `${n} starts`));
      const plan = workshop.plan(four);
      const { folder } = await open(plan, "report", { starts: false });
      expect(finishedTrials(folder.path).size).to.equal(4);
      for (const { id } of plan.known(4)) expect(folder.record(id).status).to.equal("finished");
      await alone(plan);
      expect(sweepNumbers(sweepOf("report"))).to.deep.equal(sweepNumbers(sweepOf("alone")));
    });

    it("lets trials go on where they have paused", async () => {
      const text = `run_cap: 12\n${scored}${range}${asha}`;
      const places = ["one", "two"];
      await Promise.all(
        places.map((place) => work(workshop.plan(text, "tpe"), place, { stepMs: 3 })),
      );
      const steps = places.flatMap((place) => linesOf(place, /step/));
      expect(new Set(steps).size).to.equal(steps.length);
      for (const place of places) {
        const own = linesOf(place, /starts to 1$/).map((line) => line.split(" ")[0]);
        for (const line of linesOf(place, /starts(?! to 1$)/))
          expect(own).to.include(line.split(" ")[0]);
        expect(own.length).to.be.greaterThan(0);
      }
    });

    it("decides at a barrier what one folder decides", async () => {
      const text = `run_cap: 9\n${scored}${range}${halving}`;
      const places = ["one", "two", "three"];
      await Promise.all(places.map((place) => work(workshop.plan(text, "random"), place)));
      await alone(workshop.plan(text, "random"));
      const decisions = (place: string): string[] =>
        eventsOf(place).flatMap((each) =>
          each.event === "decided" ? [`${each.id} ${each.decision}: ${each.reason}`] : [],
        );
      expect(decisions("one")).to.deep.equal(decisions("alone"));
      const steps = places.flatMap((place) => linesOf(place, /step/));
      expect(steps.toSorted()).to.deep.equal(linesOf("alone", /step/).toSorted());
    });

    it("begins a trial anew whose machine is gone, with the same numbers", async () => {
      const text = `run_cap: 9\n${scored}${range}${halving}`;
      const stop = new AbortController();
      let ends = 0;
      const onStep = (): void => void (++ends === 8 && stop.abort());
      await work(workshop.plan(text, "random"), "one", { signal: stop.signal, onStep });
      expect(eventsOf("one").filter(({ event }) => event === "ended").length).to.be.greaterThan(5);
      await work(workshop.plan(text, "random"), "two");
      await alone(workshop.plan(text, "random"));
      expect(sweepNumbers(sweepOf("two"))).to.deep.equal(sweepNumbers(sweepOf("alone")));
      const copies = readdirSync(sweepOf("two"), { recursive: true, encoding: "utf8" });
      expect(copies.filter((name) => name.endsWith("copy.json")).length).to.be.within(1, 6);
      const anew = linesOf("two", /starts to 3/).map((line) => line.split(" ")[0]);
      expect(anew).to.have.length(3);
      for (const trial of anew)
        expect(linesOf("two", new RegExp(`^${trial} step 1$`))).to.have.length(1);
    });

    it("stops a trial that another worker has taken over, and takes no part in its end", async () => {
      const one = "parameters: { data.slope: { values: [1] } }\n";
      let other: Promise<SweepEnd> | undefined;
      const onStep: PlayedStep = async (_, step, stopped) => {
        if (step !== 3 || other) return;
        // as if it had been silent for minutes
        server().sql("DELETE FROM seedbed_worker", database);
        other = work(workshop.plan(one), "two");
        await other;
        await aborted(stopped);
      };
      await work(workshop.plan(one), "one", { onStep });
      expect(linesOf("one", /lost|finished/)).to.deep.equal(["1 lost"]);
      expect(linesOf("two", /step|finished/)).to.have.length(10);
      expect(finishedTrials(sweepOf("one")).size).to.equal(1);
      await alone(workshop.plan(one));
      expect(sweepNumbers(sweepOf("one"))).to.deep.equal(sweepNumbers(sweepOf("alone")));
    });

    it("tells of a trial that runs elsewhere that it does", async () => {
      const plan = workshop.plan(four);
      const statuses: string[] = [];
      const onStep: PlayedStep = async (trial, step) => {
        if (trial.index !== 1 || step !== 5) return;
        const { folder } = await open(plan, "report", { starts: false });
        statuses.push(...plan.known(3).map(({ id }) => folder.record(id).status));
      };
      await work(workshop.plan(four), "one", { onStep });
      expect(statuses).to.deep.equal(["finished", "running", "waiting"]);
    });

    it("tries a trial again that has failed elsewhere", async () => {
      const one = "retries: 0\nparameters: { data.slope: { values: [1] } }\n";
      const onStep: PlayedStep = (_, step) => (step === 4 ? "crash" : undefined);
      await work(workshop.plan(one), "one", { onStep });
      expect(linesOf("one", /failed/)).to.deep.equal(["1 failed"]);
      await work(workshop.plan(one), "two");
      expect(linesOf("two", /finished/)).to.deep.equal(["1 finished"]);
    });

    it("pauses, goes on and stops when it is asked to, wherever that is", async () => {
      const ask = (wish: "pause" | "run" | "stop"): Promise<boolean> =>
        wishServerSweep(addressOf(server().address(database)), "sweep", { wish, finish: false });
      let asked = 0;
      const onStep: PlayedStep = async ({ index }, step, stopped) => {
        if (index !== 0 || step !== 2 || asked++ > 0) return;
        expect(await ask("pause")).to.equal(true);
        await aborted(stopped);
        expect(await ask("run")).to.equal(true);
      };
      expect(await work(workshop.plan(four), "one", { onStep })).to.equal("done");
      expect(linesOf("one", /^1 (starts|interrupted|finished)/)).to.deep.equal([
        ...["1 starts", "1 interrupted", "1 starts", "1 finished"],
      ]);
      expect(await ask("stop")).to.equal(false);
    });

    it("runs a trial that was added elsewhere", async () => {
      const text = `run_cap: 3\n${scored}${range}`;
      await work(workshop.plan(text, "tpe"), "one");
      const plan = workshop.plan(text, "tpe");
      const { folder, meeting } = await open(plan, "two");
      const events = new TrialEvents(folder, "add", {}, meeting.store);
      for (const { point } of folder.suggestions(plan.id)) plan.restore(point);
      plan.add(3, { "data.slope": 0.5 });
      const point = { "data.slope": 0.5 };
      const added = { event: "added", sweep: plan.id, point } as const;
      await events.exclusively(() => events.note(plan.trialsOf(3)[0]!, added));
      await work(workshop.plan(text, "tpe"), "one");
      expect(linesOf("one", /finished/)).to.have.length(4);
    });
  });

  describe("whose server goes away", () => {
    let proxy: CuttingProxy;
    beforeEach(async () => {
      proxy = await cuttingProxy(server().port);
    });
    afterEach(() => proxy.close());
    const throughProxy = (): string =>
      server().address(database).replace(`:${server().port}/`, `:${proxy.port}/`);

    for (const where of ["before", "after"] as const) {
      it(`notes each event once, when it goes just ${where} a commit`, async () => {
        const text = `run_cap: 4\n${scored}${range}`;
        const cuts: Promise<void>[] = [];
        const onStep = (_: unknown, step: number): void => {
          if (step === 5)
            cuts.push(
              proxy.cutAtCommit(where).then(() => void setTimeout(() => proxy.mend(), 100)),
            );
        };
        await work(workshop.plan(text, "tpe"), "one", { url: throughProxy(), onStep });
        await Promise.all(cuts);
        await alone(workshop.plan(text, "tpe"));
        expect(storyOf("one")).to.deep.equal(storyOf("alone"));
        expect(warned.filter((line) => line.includes("answers again")).length).to.be.at.least(4);
      });
    }

    it("thinks again when others were faster meanwhile", async () => {
      const text = `run_cap: 12\n${scored}${range}`;
      let cut: Promise<void> | undefined;
      const onStep: PlayedStep = async (_, step) => {
        if (step === 9) cut ??= proxy.cutAtCommit("before", 1); // not as it ends, but at the next take
      };
      const one = work(workshop.plan(text, "tpe"), "one", { url: throughProxy(), onStep });
      while (!cut) await new Promise((resolve) => setTimeout(resolve, 5));
      await cut;
      const mend: PlayedStep = ({ index }) => void (index === 3 && proxy.mend());
      await Promise.all([
        one,
        work(workshop.plan(text, "tpe"), "two", { onStep: mend, stepMs: 5 }),
      ]);
      expect(linesOf("one", /starts/).length).to.be.greaterThan(1);
      const points = eventsOf("one").filter(({ event }) => event === "suggested");
      expect(points.map(({ trial }) => trial)).to.deep.equal(
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
      const ends = ["one", "two"].flatMap((place) => linesOf(place, /finished/));
      expect(new Set(ends).size).to.equal(12);
      expect(ends).to.have.length(12);
    });

    it("does not lose a trial that it took in vain, since others were faster", async () => {
      const other = await open(workshop.plan(four), "two", { machine: "two" });
      const [, , , last] = other.plan.known(4);
      const events = new TrialEvents(
        other.folder,
        other.meeting.workers.own,
        {},
        other.meeting.store,
      );
      await other.meeting.workers.join(true);
      await events.exclusively(() => events.note(last!, { event: "started" }));
      let cut: Promise<void> | undefined;
      const onStep: PlayedStep = (_, step) => {
        if (step === 9) cut ??= proxy.cutAtCommit("before", 1);
      };
      const one = work(workshop.plan(four), "one", { url: throughProxy(), onStep });
      while (!cut) await new Promise((resolve) => setTimeout(resolve, 5));
      await cut; // as it took trial 2
      const ended = { event: "ended", outcome: "interrupted", seconds: 1 } as const;
      await events.exclusively(() => events.note(last!, ended));
      await other.meeting.workers.leave();
      proxy.mend();
      await one;
      expect(linesOf("one", /starts/)).to.deep.equal([1, 2, 3, 4].map((n) => `${n} starts`));
    });

    it("has trials save their work once it was away for too long, and loses none of it", async () => {
      const options = { url: throughProxy(), patienceSeconds: 0.5 };
      let isCut = false;
      const onStep = async (_: unknown, step: number): Promise<void> => {
        if (step !== 9 || isCut) return;
        isCut = true;
        void proxy.cutAtCommit("before");
      };
      const text = await failure(work(workshop.plan(four), "one", { ...options, onStep }));
      expect(text).to.match(
        /^InputError: Cannot use the journal postgres:\/\/127.0.0.1:\d+\/sweeps: .*; it was away for 1s: running trials have saved their work, and the same command goes on with them$/,
      );
      proxy.mend();
      server().sql("DELETE FROM seedbed_worker", database); // its process lives on
      await work(workshop.plan(four), "one");
      expect(linesOf("one", /^1 step/)).to.have.length(9);
      await work(workshop.plan(four), "two");
      expect(linesOf("two", /starts/)).to.deep.equal([]);
      expect(finishedTrials(sweepOf("one")).size).to.equal(4);
    });
  });
});
