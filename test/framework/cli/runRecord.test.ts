import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readConsole } from "../../../framework/tracking/consoleLog.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { readSystem } from "../../../framework/tracking/systemLog.ts";
import { readPointer } from "../../../framework/training/checkpointFolder.ts";
import { cliFolder } from "../../support/cli.ts";
import { runCommand } from "../../support/runCommand.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

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
}).timeout(60_000); // whole programs, on a machine that may be training
