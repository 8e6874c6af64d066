import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readJournal } from "../../framework/sweep/journal.ts";
import { cliFolder, seedbed } from "../support/cli.ts";
import { lineProgram, lineSweep } from "../support/lineSweep.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { program } from "./dreamboothRun.ts";

/** A fit whose steps take long enough to be interrupted. */
const base = (maxSteps: number): string => `${lineProgram(maxSteps)}data: { delayMs: 10 }\n`;

describe("seedbed sweep", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  const write = (text: string, maxSteps: number): string => {
    folder.write({ "base.yaml": base(maxSteps), "line.yaml": text });
    return folder.path("line.yaml");
  };
  const runs = (): string[] => ["--runs", folder.path("runs")];

  it("stops its trials when it is asked to, and goes on from their checkpoints", async () => {
    const file = write(`${lineSweep}run_cap: 1\n`, 100);
    const interrupt = new AbortController();
    const first = run(["sweep", file, ...runs()], { interrupt });
    const id = await startedTrial(folder.path("runs", "line"));
    interrupt.abort();
    const { exitCode, warned } = await first;
    expect([exitCode, warned]).to.deep.equal([
      143,
      [`Interrupted: ${folder.path("runs", "line")}`, `Continue with: seedbed sweep ${file}`],
    ]);
    expect((await run(["sweep", file, ...runs()])).exitCode).to.equal(0);
    const log = readFileSync(folder.path("runs", "line", id, "trial.log"), "utf8");
    expect(log).to.match(/Continuing from .*, step [1-9]/);
  });

  it("loses nothing and repeats nothing after it was killed", async () => {
    const file = write(`${lineSweep}run_cap: 2\n`, 60);
    const args = ["sweep", file, ...runs(), "--parallel", "2"];
    const child = spawn(process.execPath, [program, ...args], { cwd: cliFolder });
    const closed = new Promise((resolve) => child.on("close", resolve));
    await startedTrial(folder.path("runs", "line"));
    child.kill("SIGKILL");
    await closed;
    const { exitCode, printed } = await run(args);
    expect([exitCode, printed.some((line) => line.includes("failed"))]).to.deep.equal([0, false]);
    const events = readJournal(folder.path("runs", "line", "sweep.jsonl"));
    const finished = events.filter((each) => each.event === "ended" && each.outcome === "finished");
    expect(finished.map(({ trial }) => trial)).to.have.members([1, 2]);
    const again = await run(["sweep", file, ...runs()]);
    expect(again.printed[0]).to.match(/2 trials, 2 of them finished before/);
    expect(again.printed).to.have.length(2);
  });
});

/** Waits until the first trial of a sweep has logged a step. @returns its id */
async function startedTrial(sweepFolder: string): Promise<string> {
  for (let i = 0; i < 1000; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [event] = readJournal(path.join(sweepFolder, "sweep.jsonl"));
    const file = event && path.join(sweepFolder, event.id, "metrics.jsonl");
    if (file !== undefined && hasLines(file)) return event!.id;
  }
  throw new Error("Cannot wait for the trial: it logged nothing");
}

function hasLines(file: string): boolean {
  try {
    return readFileSync(file, "utf8").includes("train/loss");
  } catch {
    return false;
  }
}
