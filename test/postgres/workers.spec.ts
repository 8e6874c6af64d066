import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { readJournal, type JournalEvent } from "../../framework/sweep/journal.ts";
import { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { finishedTrials, sweepNumbers } from "../support/sweepChecks.ts";
import { sweepWorkshop } from "../support/sweeps.ts";
import { playWorker } from "./playedWorker.ts";
import { emptyDatabase, server } from "./sharedServer.ts";

const grid = "name: grid\nparameters: { data.slope: { values: [1, 2, 3, 4, 5, 6, 7, 8] } }\n";
const learning = `name: learning
program: base.yaml
method: tpe
run_cap: 14
metric: { name: score, goal: maximize }
parameters: { data.slope: { min: 0.0, max: 1.0 } }
early_terminate: { type: asha, promotion: pause, min_steps: 1, eta: 3 }
`;

describe("workers without a common folder, in processes of their own", () => {
  const workshop = sweepWorkshop();
  const children: ChildProcess[] = [];
  beforeEach(emptyDatabase);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  interface Worker {
    readonly child: ChildProcess;
    /** Its exit code. */
    readonly ended: Promise<number | null>;
    /** What it did for a sweep, of what matches. */
    lines(sweep: string, pattern?: RegExp): string[];
  }

  /** @param place names its folder, which stands for a machine */
  function start(place: string): Worker {
    const folder = workshop.path(place);
    mkdirSync(folder);
    const file = path.join(import.meta.dirname, "worker.ts");
    const sweeps = ["sweep.yaml", "learning.yaml"].map((name) => workshop.path(name));
    const words = ["--import", "tsx", file, folder, workshop.path("start"), "50", ...sweeps];
    const env = { ...process.env, SEEDBED_JOURNAL: server().address("sweeps") };
    const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "inherit"] });
    children.push(child);
    return {
      child,
      ended: new Promise((resolve) => child.once("close", resolve)),
      lines(sweep, pattern = /./) {
        const log = path.join(folder, `${sweep}.log`);
        const text = existsSync(log) ? readFileSync(log, "utf8") : "";
        return text.split("\n").filter((line) => pattern.test(line));
      },
    };
  }

  const sweepOf = (place: string, name: string): string => workshop.path(place, name);
  const eventsOf = (place: string, name: string): JournalEvent[] =>
    readJournal(path.join(sweepOf(place, name), "sweep.jsonl"));

  it("lose no trial and run none twice, though one of them and the server die", async () => {
    const plan = workshop.plan(grid);
    workshop.write({ "learning.yaml": learning });
    const [one, two, killed] = [start("one"), start("two"), start("killed")];
    const living = [one, two];
    const linesOf = (sweep: string, pattern?: RegExp): string[] =>
      living.flatMap((worker) => worker.lines(sweep, pattern));
    const isReady = (place: string): boolean => existsSync(workshop.path(place, "ready"));
    await until(() => ["one", "two", "killed"].every(isReady));
    workshop.write({ start: "" });
    const isAmid = (sweep: string): boolean =>
      killed.lines(sweep).at(-1)?.includes("step") ?? false;
    await until(() => isAmid("grid") && isAmid("learning"));
    killed.child.kill("SIGKILL");
    await server().kill();
    await wait(300);
    await server().start();
    expect(await Promise.all(living.map(({ ended }) => ended))).to.deep.equal([0, 0]);

    // the grid: each trial once, but for the one that was killed, which another has begun anew
    const done = killed.lines("grid", /finished/).length;
    const [lost = ""] = killed.lines("grid", /starts/).slice(done);
    const starts = linesOf("grid", /starts/);
    expect(starts).to.include(lost);
    expect(new Set(starts).size).to.equal(starts.length);
    expect(starts.length + done).to.equal(8);
    await playWorker({
      plan,
      folder: new SweepFolder(workshop.path("alone"), "grid"),
      logFile: workshop.path("alone.log"),
    });
    const last = eventsOf("one", "grid").length > eventsOf("two", "grid").length ? "one" : "two";
    expect(finishedTrials(sweepOf(last, "grid")).size).to.equal(8);
    expect(sweepNumbers(sweepOf(last, "grid"))).to.deep.equal(
      sweepNumbers(sweepOf("alone", "grid")),
    );

    // the searcher: each point thought up once, and each stage carried out once but for the killed one's
    const events = eventsOf("one", "learning");
    const points = events.flatMap((each) => (each.event === "suggested" ? [each] : []));
    const numbers = Array.from({ length: 14 }, (_, i) => i + 1);
    expect(points.map(({ trial }) => trial)).to.deep.equal(numbers);
    expect(new Set(points.map(({ id }) => id)).size).to.equal(14);
    finishedTrials(sweepOf("one", "learning"));
    const stages = linesOf("learning", /starts/);
    expect(new Set(stages).size).to.equal(stages.length);
    const ofKilled = killed.lines("learning", /starts/);
    const twice = stages.filter((line) => ofKilled.includes(line));
    for (const line of twice) expect(line).to.equal(ofKilled.at(-1));
    const ended = new Set(events.flatMap((each) => (each.event === "ended" ? [each.id] : [])));
    expect(ended.size).to.equal(14);
    // the best third of the first rung, and of the second
    expect(events.filter(({ event }) => event === "decided").length).to.be.at.least(5);
    for (const { id, point } of points) {
      for (const place of ["one", "two"]) {
        const logged = readMetrics(path.join(sweepOf(place, "learning"), id));
        expect(logged.map(({ step }) => step)).to.deep.equal(logged.map((_, i) => i + 1));
        for (const { step, metrics } of logged) {
          expect(metrics["score"]).to.equal(point["data.slope"]! * step);
        }
      }
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  const lastMs = performance.now() + 50_000;
  while (!condition()) {
    if (performance.now() > lastMs) throw new Error("Waited in vain for the workers");
    await wait(10);
  }
}
