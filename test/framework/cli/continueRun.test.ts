import { readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { ownIdentity } from "../../../framework/tracking/runLock.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { seedbed, type ProgramResult } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A new process throws after step 5; one that goes on does not. */
const spec = `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: 8, logEveryNSteps: 1, threads: 1 }
optimizer: { name: adamW, learningRate: 0.3 }
callbacks: [{ modelCheckpoint: { everyNTrainSteps: 2 } }, { stopAt: { step: 5, how: throw } }]
loggers: { tensorBoard: false, wandb: false }
`;

describe("seedbed run --resume auto", () => {
  const folder = temporaryFolder();
  const run = seedbed();

  function start(...more: string[]): Promise<ProgramResult> {
    folder.write({ "line.yaml": spec });
    return run(["run", folder.path("line.yaml"), "--runs", folder.path("runs"), ...more]);
  }
  const auto = (...more: string[]): Promise<ProgramResult> => start("--resume", "auto", ...more);
  const folders = (): string[] =>
    readdirSync(folder.path("runs", "line")).map((id) => folder.path("runs", "line", id));
  const curve = (runFolder: string): unknown[] =>
    readMetrics(runFolder).map(({ step, metrics }) => ({ step, metrics }));

  it("begins, goes on after the last checkpoint, and leaves a finished run alone", async () => {
    expect((await auto()).exitCode).to.equal(1);
    const resumed = await auto();
    expect(resumed.exitCode, resumed.warned.join("\n")).to.equal(0);
    expect(resumed.printed.join("\n")).to.match(/Continuing from .*step-0000004, step 4/);
    const [only = "", ...others] = folders();
    expect(others).to.deep.equal([]);
    const again = await auto();
    expect([again.exitCode, again.printed]).to.deep.equal([
      0,
      [`Finished already: ${only}; without --resume it is carried out again`],
    ]);
    expect(readManifest(only).resumes).to.have.length(1);
    await start("callbacks=[]");
    const whole = folders().find((each) => each !== only)!;
    expect(curve(only)).to.deep.equal(curve(whole));
  });

  it("begins another run for another seed or spec", async () => {
    await auto();
    await auto("seed=4");
    await auto("optimizer.learningRate=0.1");
    expect(folders()).to.have.length(3);
  });

  it("refuses to go on with a run that a live process has", async () => {
    await auto();
    const [held = ""] = folders();
    const lock = `run.${hostname().replace(/[^\w-]/g, "_")}.1.lock`;
    const owner = ownIdentity();
    writeFileSync(`${held}/${lock}`, JSON.stringify(owner));
    const { exitCode, warned } = await auto();
    expect(exitCode).to.equal(2);
    expect(warned.join("\n")).to.match(/is in use by process/);
  });
});
