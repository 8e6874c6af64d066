import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readConsole } from "../../framework/tracking/consoleLog.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { readManifest } from "../../framework/tracking/runManifest.ts";
import { readSystem } from "../../framework/tracking/systemLog.ts";
import { readPointer } from "../../framework/training/checkpointFolder.ts";
import { cliFolder } from "../support/cli.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

describe("the record of a run that was started as a program", () => {
  const folder = temporaryFolder();

  /** Carries out one run. @returns its folder and what the program printed */
  async function run(yaml: string): Promise<{ run: string; code: number | null; text: string }> {
    const common = `name: words
loggers: { tensorBoard: false, wandb: false }
trainer: { backend: cpu, maxSteps: 8 }
`;
    folder.write({ "spec.yaml": common + yaml });
    const args = ["run", folder.path("spec.yaml"), "--runs", folder.path("runs")];
    const environment = { TALKATIVE_TOKEN: "0123456789abcdef" };
    const ended = await runCommand(args, cliFolder, environment);
    const [id = ""] = readdirSync(folder.path("runs", "words"));
    return { run: folder.path("runs", "words", id), ...ended };
  }

  it("has all that was printed, without secrets and with progress once", async () => {
    const { run: runFolder, code, text } = await run("experiment: talkative\n");
    const lines = readConsole(runFolder);
    expect(code, text).to.equal(0);
    expect(lines.map((line) => line.text)).to.include.members([
      `Run ${runFolder}`,
      "hello <b>",
      "progress 100 %",
      "key [redacted]",
      `Run finished: ${runFolder}`,
      "words: 2",
    ]);
    expect(lines.filter((line) => line.text.startsWith("progress"))).to.have.length(1);
    expect(lines.find((line) => line.text.startsWith("progress"))?.stream).to.equal("stderr");
    expect(text).to.include("key 0123456789abcdef");
    expect(readManifest(runFolder)).to.include({ status: "finished", exitCode: 0 });
    expect(readSystem(runFolder)).to.have.length(2);
  });

  it("has the error that ended it, and the exit code", async () => {
    const { run: runFolder, code } = await run("experiment: talkative\ndata: { fails: true }\n");
    const texts = readConsole(runFolder).map((line) => line.text);
    expect(texts).to.include("Error: it diverged");
    expect(code).to.equal(1);
    expect(readManifest(runFolder)).to.include({ status: "failed", exitCode: 1 });
  });

  it("has the checkpoint that was best, and only what the spec wants to keep", async () => {
    const {
      run: runFolder,
      code,
      text,
    } = await run(`experiment: leastSquares
callbacks: [modelCheckpoint: { monitor: val/loss }]
tracking: { consoleOutput: false, systemMetricsSeconds: 0 }
`);
    expect(code, text).to.equal(0);
    expect(readdirSync(runFolder))
      .not.to.include("console.jsonl")
      .and.not.to.include("system.jsonl");
    const best = readPointer(`${runFolder}/checkpoints`, "best")!;
    const { artifacts = [] } = readManifest(runFolder);
    expect(artifacts.map(({ name, type, path }) => [name, type, path])).to.deep.equal([
      ["best", "checkpoint", `checkpoints/${best.checkpoint}`],
    ]);
    expect(artifacts[0]!.sha256).to.match(/^[0-9a-f]{64}$/);
  });

  it("loses nothing when its process is killed, whatever half lines that leaves", async () => {
    folder.write({
      "spec.yaml": `name: words
experiment: leastSquares
trainer: { backend: cpu, maxSteps: 40, logEveryNSteps: 1 }
data: { delayMs: 20 }
callbacks: [{ modelCheckpoint: { everyNTrainSteps: 5 } }]
loggers: { tensorBoard: false, wandb: false, csv: true }
tracking: { systemMetricsSeconds: 0.05 }
`,
    });
    const runs = ["--runs", folder.path("runs")];
    const args = [program, "run", folder.path("spec.yaml"), ...runs];
    const child = spawn(process.execPath, args, { cwd: cliFolder, stdio: "ignore" });
    const runFolder = await firstRun(child);
    while (readMetrics(runFolder).length < 12) await setTimeout(10);
    child.kill("SIGKILL");
    await once(child, "exit");
    const [lines, looks] = [readConsole(runFolder), readSystem(runFolder)];
    expect(lines.map(({ text }) => text)).to.include(`Run ${runFolder}`);
    expect(looks).to.have.length.above(1);
    for (const name of ["console.jsonl", "system.jsonl", "metrics.jsonl"]) {
      appendFileSync(path.join(runFolder, name), '{"time":1,"kind":"met');
    }
    expect(readConsole(runFolder)).to.deep.equal(lines);

    const { code, text } = await runCommand(["resume", runFolder, ...runs], cliFolder);
    expect(code, text).to.equal(0);
    const steps = readMetrics(runFolder).flatMap(({ step, metrics }) =>
      "train/loss" in metrics ? [step] : [],
    );
    expect(steps).to.deep.equal(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(readConsole(runFolder).slice(0, lines.length)).to.deep.equal(lines);
    expect(readConsole(runFolder).at(-1)!.text).to.match(/^steps: 40$/);
    expect(readSystem(runFolder).slice(0, looks.length)).to.deep.equal(looks);
    const rows = readFileSync(path.join(runFolder, "metrics.csv"), "utf8").trim().split("\n");
    expect(rows.slice(1)).to.have.length(readMetrics(runFolder).length);
    expect(readManifest(runFolder)).to.include({ status: "finished", exitCode: 0 });
  });

  /** The folder of the run that a process has begun. */
  async function firstRun(child: ChildProcess): Promise<string> {
    const parent = folder.path("runs", "words");
    while (child.exitCode === null) {
      const [id] = existsSync(parent) ? readdirSync(parent) : [];
      if (id !== undefined) return path.join(parent, id);
      await setTimeout(10);
    }
    throw new Error(`Cannot find a run: its process has ended with ${child.exitCode}`);
  }
}).timeout(120_000); // whole programs, on a machine that may be training
