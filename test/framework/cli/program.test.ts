import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const spec = `name: line
experiment: leastSquares
trainer: {backend: cpu, maxSteps: 6, logEveryNSteps: 1, numSanityValSteps: 0}
optimizer: {name: sgd, learningRate: 0.1}
callbacks: [modelCheckpoint: {everyNTrainSteps: 2}]
loggers: {tensorBoard: false, wandb: false}
`;

describe("seedbed", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const runsOption = (): string[] => ["--runs", folder.path("runs")];
  const writeSpec = (text = spec): string => {
    folder.write({ "line.yaml": text });
    return folder.path("line.yaml");
  };
  const runFolder = (): string => {
    const [id = "", ...others] = readdirSync(folder.path("runs", "line"));
    expect(others).to.deep.equal([]);
    return folder.path("runs", "line", id);
  };
  const manifest = (): unknown => JSON.parse(readFileSync(`${runFolder()}/manifest.json`, "utf8"));
  const metrics = (): string =>
    readFileSync(`${runFolder()}/metrics.jsonl`, "utf8").replaceAll(
      /"wallTimeSeconds":[^,]*,/g,
      "",
    );

  describe("run", () => {
    it("trains, leaves a run folder, and prints the summary last", async () => {
      const { exitCode, printed, warned } = await run(["run", writeSpec(), ...runsOption()]);
      expect([exitCode, warned]).to.deep.equal([0, []]);
      expect(printed.at(0)).to.equal(`Run ${runFolder()}`);
      expect(printed).to.include(`Run finished: ${runFolder()}`);
      expect(printed.slice(-3)).to.deep.equal(["backend cpu", "slope: 1.60085", "steps: 6"]);
      expect(manifest()).to.deep.include({ status: "finished", name: "line", seed: 0 });
      expect(manifest()).to.have.property("summary").that.has.property("steps", 6);
      expect(metrics()).to.include("train/loss").and.include("val/loss");
    });

    it("sets values from the command line and records what was typed", async () => {
      const args = ["run", writeSpec(), "trainer.maxSteps=2", "seed=7", ...runsOption()];
      const { printed } = await run(args);
      expect(printed.at(-1)).to.equal("steps: 2");
      expect(manifest()).to.deep.include({ seed: 7, command: ["seedbed", ...args] });
      expect(readFileSync(`${runFolder()}/spec.yaml`, "utf8")).to.include("maxSteps: 2\n");
    });

    it("prints the resolved spec and runs nothing with --print-spec", async () => {
      const args = ["run", writeSpec(), "data.slope=3", "--print-spec", ...runsOption()];
      const { exitCode, printed } = await run(args);
      expect(exitCode).to.equal(0);
      expect(printed).to.include.members(["name: line", "  slope: 3", "  batches: 4", "seed: 0"]);
      expect(existsSync(folder.path("runs"))).to.equal(false);
    });

    for (const { args, expected } of [
      {
        args: ["trainer.maxStep=1"],
        expected:
          'command line at /trainer/maxStep: unknown key "maxStep"; did you mean "maxSteps"?',
      },
      {
        args: ["trainer.benchmark=true", "trainer.deterministic=false"],
        expected: "Cannot use trainer.benchmark with trainer.backend cpu",
      },
      {
        args: ["trainer.benchmark=true"],
        expected: "Cannot use trainer.benchmark with trainer.deterministic",
      },
      {
        args: ["optimizer={name: adamW, offload: true}"],
        expected: "Cannot use optimizer.offload with trainer.backend cpu",
      },
      {
        args: ["optimizer={name: adam8bit, offload: true}", "trainer.backend=ort"],
        expected: "at /optimizer: Cannot use optimizer.offload with optimizer.name adam8bit",
      },
      {
        args: ["data.slope=0"],
        expected: "Cannot fit a line: expected a slope other than 0, got 0",
      },
      {
        args: ["data.slop=1"],
        expected: 'command line at /data/slop: unknown key "slop"; did you mean "slope"?',
      },
      {
        args: ["experiment=leastSquare"],
        expected:
          'command line at /experiment: expected experiments/leastSquare/experiment.ts to exist; did you mean "leastSquares"?',
      },
      { args: ["experiment=../leastSquares"], expected: "command line at /experiment: " },
      {
        args: ["callbacks=[stopAT]"],
        expected:
          'command line at /callbacks/0/stopAT: expected callbacks/stopAT.ts to exist; did you mean "stopAt"?',
      },
      {
        args: ["callbacks=[{stopAt: {stp: 1}}]"],
        expected:
          'command line at /callbacks/0/stopAt/stp: unknown key "stp"; did you mean "step"?',
      },
      {
        args: ["callbacks=[weightAveraging, pruning: {amount: 0.5}]"],
        expected:
          'command line at /callbacks: Cannot use callback "pruning" after "weightAveraging", which would take over what it has not changed yet; list "pruning" first',
      },
      {
        args: ["callbacks=[{stopAt: {step: 13}}]"],
        expected:
          "command line at /callbacks/0/stopAt: Cannot build stopAt: expected a lucky step, got 13",
      },
      { args: ["optimizer.name=sdg"], expected: 'did you mean "sgd"?' },
      {
        args: ["optimizer.groups=[{parameters: w, learningrate: 1}]"],
        expected:
          'command line at /optimizer/groups/0/learningrate: unknown key "learningrate"; did you mean "learningRate"?',
      },
      {
        args: ['optimizer.groups=[{parameters: "(", momentum: 0.9}]'],
        expected:
          "line.yaml:4 at /optimizer: Cannot build sgd: groups.0.parameters must be a regular expression",
      },
      {
        args: ["lrSchedule={name: reduceOnPlateau}"],
        expected:
          "command line at /lrSchedule/monitor: expected text that is not empty, got nothing",
      },
      {
        args: ["lrSchedule={name: chained, schedules: [{name: step}]}"],
        expected: 'command line at /lrSchedule: Cannot build step: option "stepSize" is missing',
      },
    ]) {
      it(`says what is wrong with ${args.join(" ")}, and makes no run`, async () => {
        const result = await run(["run", writeSpec(), ...args, ...runsOption()]);
        expect(result.exitCode).to.equal(2);
        expect(result.warned.join("\n")).to.include(expected).and.not.include("    at ");
        expect(existsSync(folder.path("runs"))).to.equal(false);
      });
    }

    for (const { text, problem } of [
      {
        text: "experiment=notAnExperiment",
        problem: 'its default export must have "name", "sections" and "run"',
      },
      { text: "callbacks=[nothing]", problem: 'it must export a function "nothing"' },
    ]) {
      it(`blames the file that ${text} names`, async () => {
        const { exitCode, warned } = await run([
          "run",
          writeSpec(),
          text,
          "data=null",
          ...runsOption(),
        ]);
        expect(exitCode).to.equal(1);
        expect(warned.join("\n")).to.include("TypeError: Cannot use ").and.include(problem);
      });
    }

    it("shows the stack of a mistake in an experiment and records the failure", async () => {
      const text = spec.replace("leastSquares", "broken");
      const { exitCode, warned } = await run(["run", writeSpec(text), ...runsOption()]);
      expect(exitCode).to.equal(1);
      expect(warned.join("\n")).to.include("the experiment has a mistake").and.include("    at ");
      const summary = { error: "the experiment has a mistake" };
      expect(manifest()).to.deep.include({ status: "failed", summary });
    });
  });

  describe("resume", () => {
    /** Starts the run that `spec` describes and ends it after about 3 of its 6 steps. */
    async function breakOff(how: "signal" | "throw", ...overrides: string[]): Promise<void> {
      const interrupt = new AbortController();
      const stop = (): void => interrupt.abort();
      process.once("SIGTERM", stop);
      const callbacks = `callbacks=[modelCheckpoint: {everyNTrainSteps: 2}, stopAt: {how: ${how}}]`;
      const args = ["run", writeSpec(), callbacks, "data.delayMs=5", ...overrides];
      const { exitCode } = await run([...args, ...runsOption()], { interrupt });
      process.off("SIGTERM", stop);
      expect(exitCode).to.equal(how === "signal" ? 143 : 1);
    }

    it("continues an interrupted run to the numbers of an uninterrupted one", async () => {
      await breakOff("signal");
      expect(manifest()).to.have.property("status", "interrupted");
      const { exitCode, printed } = await run(["resume", runFolder(), ...runsOption()]);
      expect([exitCode, printed.at(-2)]).to.deep.equal([0, "slope: 1.60085"]);
      expect(manifest()).to.have.property("status", "finished");
      const resumed = metrics();
      rmSync(runFolder(), { recursive: true });
      await run(["run", writeSpec(), ...runsOption()]);
      expect(resumed).to.equal(metrics());
    });

    it("continues a failed run from its last checkpoint, found by the start of its id", async () => {
      await breakOff("throw");
      const id = path.basename(runFolder());
      const { exitCode, printed } = await run(["resume", id.slice(0, 4), ...runsOption()]);
      expect([exitCode, printed.at(-1)]).to.deep.equal([0, "steps: 6"]);
      expect(printed[0]).to.match(/^Continuing from .*step-0000002, step 2$/);
    });

    it("starts from the beginning when nothing was saved", async () => {
      await breakOff("throw", "callbacks.0={stopAt: {how: throw, step: 1}}");
      const { exitCode, printed } = await run(["resume", runFolder()]);
      expect(printed[0]).to.equal("There is no checkpoint yet: starting from the beginning");
      expect(exitCode, "the first step fails again").to.equal(1);
      expect(manifest()).to.have.property("resumes").that.has.length(1);
      expect(manifest()).to.not.have.nested.property("resumes[0].step");
    });

    it("says which secrets were taken out of a run's spec, and goes on once they are put back", async () => {
      await breakOff("throw", "description=from https://me:hunter2hunter@example.org");
      const file = `${runFolder()}/spec.yaml`;
      const text = readFileSync(file, "utf8");
      const { exitCode, warned } = await run(["resume", runFolder()]);
      const line = text.split("\n").findIndex((each) => each.includes("[redacted]")) + 1;
      expect([exitCode, warned]).to.deep.equal([
        2,
        [
          `Cannot resume run ${runFolder()}: secrets were taken out of its spec.yaml: line ${line}, "description: from https://[redacted]@example.org"; put back into ${file} what the run was started with, then resume it again`,
        ],
      ]);
      writeFileSync(file, text.replace("[redacted]", "me:hunter2hunter"));
      expect((await run(["resume", runFolder()])).exitCode).to.equal(0);
    });

    it("refuses a finished run, an unknown one, and one whose spec was changed", async () => {
      await run(["run", writeSpec(), "trainer.maxSteps=1", ...runsOption()]);
      const finished = await run(["resume", runFolder()]);
      expect(finished).to.deep.include({
        exitCode: 2,
        warned: [`Cannot resume run ${runFolder()}: it is finished`],
      });
      const unknown = await run(["resume", "zzzz", ...runsOption()]);
      expect([unknown.exitCode, unknown.warned.join()]).to.deep.include(2);
      expect(unknown.warned.join()).to.include('Cannot find run "zzzz"');
      rmSync(runFolder(), { recursive: true });
      await breakOff("throw");
      appendFileSync(`${runFolder()}/spec.yaml`, "description: changed\n");
      const changed = await run(["resume", runFolder()]);
      expect(changed.exitCode).to.equal(2);
      expect(changed.warned.join()).to.include("its spec.yaml is not the one it was started with");
      expect(manifest()).to.deep.include({ status: "failed", resumes: [] });
    });
  });

  describe("runs", () => {
    it("lists runs with status, step and main metric", async () => {
      await run(["run", writeSpec(), "trainer.maxSteps=2", ...runsOption()]);
      await run([
        "run",
        writeSpec(spec.replace("leastSquares", "broken")),
        "name=b",
        ...runsOption(),
      ]);
      const { exitCode, printed } = await run(["runs", ...runsOption()]);
      const columns = printed.map((line) => line.split(/ {2,}/));
      expect(exitCode).to.equal(0);
      expect(columns[0]).to.deep.equal(["id", "name", "status", "step", "started", "metric"]);
      expect(
        columns.slice(1).map(([, name, status, step, , metric]) => [name, status, step, metric]),
      ).to.deep.equal([
        ["line", "finished", "2", "slope: 1.259"],
        ["b", "failed", "0", "error: the experiment has a mistake"],
      ]);
    });

    it("says so when there are none", async () => {
      const { exitCode, printed } = await run(["runs", ...runsOption()]);
      expect([exitCode, printed]).to.deep.equal([
        0,
        [`There are no runs in ${folder.path("runs")}`],
      ]);
    });
  });

  describe("validate", () => {
    it("names every spec that is right, and every problem of those that are not", async () => {
      folder.write({
        "good.yaml": spec,
        "typo.yaml": `${spec}sed: 1\n`,
        "flat.yaml": `${spec}data: {slope: 0}\n`,
      });
      const specs = ["typo.yaml", "flat.yaml", "good.yaml"].map((name) => folder.path(name));
      const { exitCode, printed, warned } = await run(["validate", ...specs]);
      expect([exitCode, printed]).to.deep.equal([2, [`${folder.path("good.yaml")}: ok`]]);
      expect(warned).to.deep.equal([
        `Cannot read spec ${folder.path("typo.yaml")}:7 at /sed: unknown key "sed"; did you mean "seed"?`,
        "Cannot fit a line: expected a slope other than 0, got 0",
        "Cannot use 2 of 3 specs",
      ]);
    });

    it("checks specs with the values that are set, but sets none in a sweep", async () => {
      const sweep = `program: good.yaml\nmethod: grid\nparameters: {data.slope: {values: [1, 2]}}\n`;
      folder.write({ "good.yaml": spec, "sweep.yaml": sweep });
      const [good, swept] = ["good.yaml", "sweep.yaml"].map((name) => folder.path(name));
      const right = await run(["validate", good!, "data.slope=2"]);
      expect([right.exitCode, right.printed]).to.deep.equal([0, [`${good}: ok`]]);
      const wrong = await run(["validate", good!, swept!, "good:data.slope=0"]);
      expect([wrong.exitCode, wrong.printed]).to.deep.equal([2, [`${swept}: ok`]]);
      expect(wrong.warned[0]).to.include("expected a slope other than 0, got 0");
      const refused = await run(["validate", swept!, "data.slope=2"]);
      expect(refused.warned[0]).to.equal(
        `Cannot set data.slope=2 in ${swept}: expected an experiment's spec, got a sweep`,
      );
    });
  });

  for (const { args, expected } of [
    { args: [], expected: "expected a command, got none" },
    { args: ["rnu"], expected: "Did you mean run?" },
    { args: ["run"], expected: "got 0, need at least 1" },
    { args: ["runs", "--rnus", "x"], expected: "Unknown argument" },
  ]) {
    it(`points to the help after \`seedbed ${args.join(" ")}\``, async () => {
      const { exitCode, warned } = await run(args);
      expect(exitCode).to.equal(2);
      expect(warned.join("\n")).to.include(expected).and.include("See seedbed --help");
    });
  }
}).timeout(180_000); // whole programs, on a machine that may be training
