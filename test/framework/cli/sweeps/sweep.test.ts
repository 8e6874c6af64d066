import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { parseAllDocuments } from "yaml";

import { createRun } from "../../../../framework/tracking/createRun.ts";
import { seedbed } from "../../../support/cli.ts";
import { lineProgram, lineSweep } from "../../../support/lineSweep.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const base = lineProgram(4);

describe("seedbed sweep", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  const write = (text = lineSweep, program_ = base): string => {
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

  it("says in a dry run what several metrics are to become", async () => {
    const metrics = "metrics: [{ name: loss }, { name: slope, goal: maximize }]";
    const file = write(lineSweep.replace(/metric: .*/, metrics));
    const { printed } = await run(["sweep", file, "--dry-run", ...runs()]);
    expect(printed[0]).to.match(/: 4 trials; to minimize loss, to maximize slope$/);
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

  it("leaves no secret in what its trials have printed, whether they finish or fail", async () => {
    const program_ = "experiment: talkative\nloggers: { tensorBoard: false, wandb: false }\n";
    const file = write(
      "program: base.yaml\nmethod: grid\nretries: 0\nparameters: { data.fails: { values: [false, true] } }\n",
      program_,
    );
    const secret = "not-for-others-0123";
    process.env["TALKATIVE_TOKEN"] = secret;
    const { printed } = await run(["sweep", file, ...runs(), "--parallel", "2"]).finally(
      () => delete process.env["TALKATIVE_TOKEN"],
    );
    expect(printed.filter((line) => / (finished|failed) /.test(line))).to.have.length(2);
    const below = folder.path("runs", "line");
    const names = readdirSync(below, { recursive: true, encoding: "utf8" });
    const logs = names.filter((name) => path.basename(name) === "trial.log");
    expect(logs).to.have.length(2);
    for (const log of logs) {
      const lines = readFileSync(path.join(below, log), "utf8").split("\n");
      expect(lines, log).to.include("key [redacted]");
    }
    const files = names
      .map((name) => path.join(below, name))
      .filter((each) => statSync(each).isFile());
    const telling = files.filter((each) => readFileSync(each, "latin1").includes(secret));
    expect(telling).to.deep.equal([]);
  });

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

  describe("with --launcher kubernetes", () => {
    const write = (more = ""): string => {
      const launcher = `launcher: { name: kubernetes, image: seedbed, claim: runs, mountPath: ${folder.path()} }`;
      folder.write({ "base.yaml": base, "line.yaml": `${lineSweep}${launcher}\n${more}` });
      return folder.path("line.yaml");
    };

    it("writes a Job for each trial, and the folder that it goes on from", async () => {
      const { exitCode, printed } = await run(["sweep", write(), "--count", "2", ...runs()]);
      expect(exitCode).to.equal(0);
      const file = folder.path("runs", "line", "kubernetes.yaml");
      expect(printed[0]).to.equal(`2 jobs, not started yet: ${file}`);
      const jobs = parseAllDocuments(readFileSync(file, "utf8")).map((each) => each.toJS());
      const [container] = jobs[0].spec.template.spec.containers;
      expect(container.command).to.deep.equal(["seedbed"]);
      const [command, runFolder, ...options] = container.args;
      expect([command, ...options]).to.deep.equal(["trial", "--threads", "1"]);
      expect(existsSync(path.join(runFolder, "trial.json"))).to.equal(true);
      expect(new Set(jobs.map(({ metadata }) => metadata.name)).size).to.equal(2);
    });

    const refused: [about: string, more: string, args: string[], problem: RegExp][] = [
      ["runs outside of the volume", "", ["--runs", "/tmp"], /expected a folder below launcher\./],
      [
        "trials that nobody would stop",
        "early_terminate: { type: median }",
        [],
        /nobody would stop trials early/,
      ],
    ];
    for (const [about, more, args, problem] of refused) {
      it(`refuses ${about}`, async () => {
        const words = args.length > 0 ? args : runs();
        const { exitCode, warned } = await run(["sweep", write(more), ...words]);
        expect(exitCode).to.equal(2);
        expect(warned[0]).to.match(problem);
      });
    }
  });

  it("starts from what earlier runs have found, and says what it leaves out", async () => {
    for (const slope of [1, 2, 9]) {
      const earlier = createRun({
        root: folder.path("runs"),
        name: "earlier",
        seed: 0,
        spec: {},
        specYaml: `data: { slope: ${slope} }\n`,
        command: [],
      });
      await earlier.finish("finished", { slope });
    }
    const text = `program: base.yaml
method: tpe
metric: { name: slope }
run_cap: 12
parameters: { data.slope: { min: 1, max: 3 } }
warm_start: [runs/earlier]
`;
    const told = await run(["sweep", write(text), "--dry-run", ...runs()]);
    expect(told.warned).to.deep.equal([
      "Starts from 2 points of 2 earlier runs; left out: 1 outside this sweep's space",
    ]);
    expect(told.printed[2]).to.match(/^ *1 +\w{8} +3$/);
    expect(told.printed).to.have.length(3);
    const wrong = await run(["sweep", write(text.replace("tpe", "random")), ...runs()]);
    expect(wrong.warned[0]).to.match(
      /line\.yaml:6 at \/warm_start: expected a method that learns, .*got "random"/,
    );
  });

  it("is checked by validate, too", async () => {
    const file = write();
    expect((await run(["validate", file])).printed).to.deep.equal([`${file}: ok`]);
    const { exitCode, warned } = await run(["validate", write(`${lineSweep}seeds: none\n`)]);
    expect(exitCode).to.equal(2);
    expect(warned[0]).to.match(/line\.yaml:7 at \/seeds: expected an integer >= 1, got "none"/);
  });

  it("refuses a program that is not there, and a number of trials that is none", async () => {
    const missing = await run(["sweep", write(lineSweep.replace("base.yaml", "bse.yaml"))]);
    expect(missing.warned[0]).to.match(/bse\.yaml.*no such file; did you mean .*base\.yaml\?/);
    const none = await run(["sweep", write(), "--parallel", "0"]);
    expect(none.warned[0]).to.equal(
      "Cannot run the sweep: --parallel must be an integer >= 1, got 0",
    );
  });
});
