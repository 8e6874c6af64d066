import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { readMetrics } from "seedbed";

import { cliFolder } from "../support/cli.ts";
import { runSeedbed } from "../support/mpirun.ts";
import { startSlurm, until, type TestSlurm } from "../support/slurm.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");
const page = path.resolve(import.meta.dirname, "../../docs/clusters.md");

const spec = `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: 40, logEveryNSteps: 1, threads: 1 }
optimizer: { name: adamW, learningRate: 0.05 }
data: { delayMs: 100 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`;

describe("the job of docs/clusters.md that goes back into the queue", () => {
  const folder = temporaryFolder();
  let slurm: TestSlurm;
  before(async () => {
    slurm = await startSlurm();
  });
  after(() => slurm.stop());

  /** The page's script, with another spec. */
  function script(): string {
    const [, text = ""] = /^```bash\n(#!.*?)^```/ms.exec(readFileSync(page, "utf8")) ?? [];
    const run = `${process.execPath} ${program} run ${folder.path("line.yaml")} --runs ${folder.path("runs")}`;
    const own = text
      .replace("--cpus-per-task=8", "--cpus-per-task=1")
      .replace("node_modules/.bin/seedbed run configs/dreambooth.yaml", run);
    expect(own).to.include(`${run} --resume auto`);
    return own;
  }
  const runFolder = (): string => {
    const [id = "", ...others] = readdirSync(folder.path("runs", "line"));
    expect(others).to.deep.equal([]);
    return folder.path("runs", "line", id);
  };
  const steps = (count: number): boolean => {
    try {
      return readMetrics(runFolder()).length >= count;
    } catch {
      return false; // there is no run yet
    }
  };
  const manifest = (): { status: string; resumes: { step: number }[] } =>
    JSON.parse(readFileSync(path.join(runFolder(), "manifest.json"), "utf8"));
  const curve = (run: string): unknown[] =>
    readMetrics(run).map(({ step, metrics }) => ({ step, metrics }));
  const stateOf = (job: string): string =>
    /JobState=(\w+)/.exec(slurm.call("scontrol", "-o", "show", "job", job))?.[1] ?? "";

  it("loses no step, and has the losses of a run that was left alone", async () => {
    folder.write({ "line.yaml": spec, "job.sh": script() });
    const options = ["--parsable", `--chdir=${cliFolder}`, `--output=${folder.path("log")}`];
    const job = slurm.call("sbatch", ...options, folder.path("job.sh")).trim();
    await until("step 5", () => steps(5));
    slurm.call("scancel", "--signal=USR2", job);
    await until("a job that waits again", () => stateOf(job) === "PENDING");
    const { length } = readMetrics(runFolder()).filter(({ metrics }) => "train/loss" in metrics);
    // slurmd refuses a job that comes within the second in which it has ended
    await new Promise((resolve) => setTimeout(resolve, 2000));
    slurm.call("scontrol", "update", `JobId=${job}`, "StartTime=now");
    await until("the job's end", () => stateOf(job) === "COMPLETED");
    expect(manifest().status).to.equal("finished");
    expect(manifest().resumes.map(({ step }) => step)).to.deep.equal([length]);
    const interrupted = runFolder();
    const args = ["run", folder.path("line.yaml"), "data.delayMs=0"];
    const whole = await runSeedbed([...args, "--runs", folder.path("whole")], { cwd: cliFolder });
    expect(whole.code, whole.text).to.equal(0);
    const [id = ""] = readdirSync(folder.path("whole", "line"));
    expect(curve(interrupted)).to.deep.equal(curve(folder.path("whole", "line", id)));
  });
});
