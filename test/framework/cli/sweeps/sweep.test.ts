import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readJournal } from "../../../../framework/sweep/journal.ts";
import { cliFolder, seedbed } from "../../../support/cli.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const program = path.resolve(import.meta.dirname, "../../../../framework/cli/seedbed.js");

const base = `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: 4, logEveryNSteps: 1, threads: 1 }
optimizer: { name: sgd, learningRate: 0.1 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`;

const sweep = `program: base.yaml
method: grid
metric: { name: slope, goal: maximize }
parameters:
  data.slope: { values: [1, 2] }
  optimizer.learningRate: { values: [0.1, 0.2] }
`;

describe("seedbed sweep", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  const write = (text = sweep, program_ = base): string => {
    folder.write({ "base.yaml": program_, "line.yaml": text });
    return folder.path("line.yaml");
  };
  const runs = (): string[] => ["--runs", folder.path("runs")];

  it("prints the trials of a dry run, which leaves nothing", async () => {
    const { exitCode, printed } = await run(["sweep", write(), "--dry-run", ...runs()]);
    expect(exitCode).to.equal(0);
    expect(printed[0]).to.match(/^Sweep line, id \w{8}: 4 trials$/);
    expect(
      printed.slice(1).map((line) => line.split(/\s+/).filter(Boolean).slice(2)),
    ).to.deep.equal([
      ["data.slope", "optimizer.learningRate"],
      ["1", "0.1"],
      ["1", "0.2"],
      ["2", "0.1"],
      ["2", "0.2"],
    ]);
    expect((await run(["runs", ...runs()])).printed[0]).to.match(/^There are no runs/);
  });

  it("runs trials in processes of their own, goes on after one that fails, and reports", async () => {
    const fails = "[{ stopAt: { how: throw, step: 2 } }]";
    const file = write(`program: base.yaml
method: grid
metric: { name: steps }
retries: 0
parameters: { callbacks: { values: [${fails}, []], labels: [throws, none] } }
`);
    const { exitCode, printed, warned } = await run(["sweep", file, ...runs(), "--parallel", "2"]);
    expect(exitCode).to.equal(1);
    expect(warned).to.deep.equal(["1 of 2 trials failed: 1; the same command tries them again"]);
    const line = printed.find((each) => each.includes("failed"));
    expect(line).to.match(
      /^Trial 1\/2 failed after \d+s: exit code 1: .*: stopped by stopAt; see /,
    );
    expect(readFileSync(line!.split("; see ")[1]!, "utf8")).to.contain("stopped by stopAt");
    const report = await run(["sweep", "report", file, ...runs(), "--format", "csv"]);
    expect(report.printed).to.deep.equal([
      "callbacks,steps mean,steps sd,n",
      "none,4,,1",
      "throws,,,0",
    ]);
  });

  it("stops its trials when it is asked to, and goes on from their checkpoints", async () => {
    const slow = `${base.replace("maxSteps: 4", "maxSteps: 100")}data: { delayMs: 10 }\n`;
    const file = write(`${sweep}run_cap: 1\n`, slow);
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
    const slow = `${base.replace("maxSteps: 4", "maxSteps: 60")}data: { delayMs: 10 }\n`;
    const file = write(`${sweep}run_cap: 2\n`, slow);
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
  }).timeout(60_000);

  const wrong: [about: string, text: string, problem: RegExp][] = [
    [
      "a key that the experiment does not know",
      "parameters:\n  data.slop: { values: [1] }\n",
      /line\.yaml:4 at \/data\/slop: unknown key "slop"; did you mean "slope"\?/,
    ],
    [
      "a value that the experiment's schema refuses, wherever it comes",
      "parameters:\n  data.batches: { values: [1, 2, 0] }\n",
      /line\.yaml:4 at \/data\/batches: expected an integer >= 1, got 0/,
    ],
    [
      "a value that the experiment itself refuses",
      "parameters:\n  data.slope: { values: [1, 0] }\n",
      /^Cannot fit a line: expected a slope other than 0, got 0/,
    ],
  ];
  for (const [about, parameters, problem] of wrong) {
    it(`refuses ${about} before anything starts`, async () => {
      const file = write(`program: base.yaml\nmethod: grid\n${parameters}`);
      const { exitCode, warned } = await run(["sweep", file, ...runs()]);
      expect(exitCode).to.equal(2);
      expect(warned[0]).to.match(problem);
      expect((await run(["runs", ...runs()])).printed[0]).to.match(/^There are no runs/);
    });
  }

  it("is checked by validate, too", async () => {
    const file = write();
    expect((await run(["validate", file])).printed).to.deep.equal([`${file}: ok`]);
    const { exitCode, warned } = await run(["validate", write(`${sweep}seeds: none\n`)]);
    expect(exitCode).to.equal(2);
    expect(warned[0]).to.match(/line\.yaml:7 at \/seeds: expected an integer >= 1, got "none"/);
  });

  it("refuses a program that is not there, and a number of trials that is none", async () => {
    const missing = await run(["sweep", write(sweep.replace("base.yaml", "bse.yaml"))]);
    expect(missing.warned[0]).to.match(/bse\.yaml.*no such file; did you mean .*base\.yaml\?/);
    const none = await run(["sweep", write(), "--parallel", "0"]);
    expect(none.warned[0]).to.equal(
      "Cannot run the sweep: --parallel must be an integer >= 1, got 0",
    );
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
