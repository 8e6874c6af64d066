import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { readMetrics } from "seedbed";

import { cliFolder } from "../support/cli.ts";
import { startSlurm, until, type TestSlurm } from "../support/slurm.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

const base = `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: 40, logEveryNSteps: 1, threads: 1 }
optimizer: { name: adamW, learningRate: 0.05 }
data: { delayMs: 100 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`;

interface RunningSweep {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  text(): string;
}

describe("seedbed sweep on Slurm", () => {
  const folder = temporaryFolder();
  let slurm: TestSlurm;
  before(async () => {
    slurm = await startSlurm();
  });
  after(() => slurm.stop());

  /** @param keys of the sweep beside its program, method and launcher */
  function writeSweep(keys: string, launcher = ""): string {
    folder.write({
      "base.yaml": base,
      "line.yaml": `program: base.yaml
method: grid
retries: 0
launcher: { name: slurm, pollSeconds: 0.3, timeoutSeconds: 5, mem: 100, ${launcher} }
${keys}
`,
    });
    return folder.path("line.yaml");
  }
  const one = "parameters: { data.slope: { values: [1] } }";
  const two = "parameters: { data.slope: { values: [1, 2] } }";

  function start(file: string, args: readonly string[] = [], env = {}): RunningSweep {
    const runs = args.includes("--runs") ? [] : ["--runs", folder.path("runs")];
    const words = [program, "sweep", file, ...runs, ...args];
    const child = spawn(process.execPath, words, {
      cwd: cliFolder,
      env: { ...slurm.environment, ...env },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    }
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, ended, text: () => text };
  }

  /** Folders of the trials' runs, below `runs` or another folder. */
  function runFolders(runs = "runs"): string[] {
    const parent = folder.path(runs, "line");
    if (!existsSync(parent)) return [];
    const names = readdirSync(parent).filter((name) => /^\w{8}$/.test(name));
    return names.map((name) => path.join(parent, name));
  }
  const manifest = (run: string): { status: string; resumes: { step: number }[] } =>
    JSON.parse(readFileSync(path.join(run, "manifest.json"), "utf8"));
  const jobOf = (run: string): string =>
    JSON.parse(readFileSync(path.join(run, "slurm.json"), "utf8")).job;
  const losses = (run: string): (number | undefined)[] =>
    readMetrics(run).map(({ metrics }) => metrics["train/loss"] ?? metrics["val/loss"]);
  /** Comments of all jobs that were ever made in this test's folder. */
  function jobs(): string[] {
    const lines = slurm.call("squeue", "-hr", "-t", "all", "-o", "%k").split("\n");
    return lines.filter((line) => line.includes(folder.path()));
  }
  const stateOf = (job: string): string =>
    /JobState=(\w+)/.exec(slurm.call("scontrol", "-o", "show", "job", job))?.[1] ?? "";

  /** Spares a job that was queued again the two minutes that Slurm would let it wait. */
  async function startAgain(job: string): Promise<void> {
    await until("a job that waits again", () => stateOf(job) === "PENDING");
    // slurmd refuses a job that comes within the second in which it has ended
    await new Promise((resolve) => setTimeout(resolve, 2000));
    slurm.call("scontrol", "update", `JobId=${job}`, "StartTime=now");
  }

  /** Waits until a run has logged so often. @returns its folder */
  async function steps(count: number): Promise<string> {
    const find = (): string | undefined =>
      runFolders().find((run) => readMetrics(run).length >= count);
    await until(`step ${count}`, () => find() !== undefined);
    return find()!;
  }

  it("runs the trials that are ready as one array, and goes on after one that fails", async () => {
    const fails = "[{ stopAt: { how: throw, step: 2 } }]";
    const labels = "labels: [throws, none]";
    const keys = `parameters:
  trainer.maxSteps: { value: 4 }
  callbacks: { values: [${fails}, []], ${labels} }`;
    const sweep = start(writeSweep(keys, "array: true, parallel: 2"));
    expect(await sweep.ended, sweep.text()).to.equal(1);
    expect(sweep.text()).to.match(/Trial 1\/2 failed after .*: exit code 1: .*stopped by stopAt/);
    expect(sweep.text()).to.match(/Trial 2\/2 finished/);
    const members = runFolders().map(jobOf).toSorted();
    const [array = ""] = members[0]!.split("_");
    expect(members).to.deep.equal([`${array}_0`, `${array}_1`]);
    const logs = runFolders().map((run) => readFileSync(path.join(run, "trial.log"), "utf8"));
    expect(logs.filter((log) => log.includes("stopped by stopAt"))).to.have.length(1);
    expect(slurm.call("scontrol", "-o", "show", "job", members[1]!)).to.match(
      /JobName=line .*Comment=seedbed line .*slurm-arrays\/1/,
    );
  });

  it("goes on after preemptions with the same bits", async () => {
    const file = writeSweep(one);
    const sweep = start(file);
    const run = await steps(5);
    const job = jobOf(run);
    slurm.call("scancel", "--signal=USR1", "--batch", job);
    await startAgain(job);
    await until("a run that goes on", () => manifest(run).resumes.length === 1);
    const { step } = manifest(run).resumes[0]!;
    await steps(step + 5);
    slurm.call("scontrol", "requeue", job);
    await startAgain(job);
    expect(await sweep.ended, sweep.text()).to.equal(0);
    expect(manifest(run)).to.have.property("status", "finished");
    expect(manifest(run).resumes).to.have.length(2);
    const whole = start(file, ["--launcher", "local", "--runs", folder.path("whole")]);
    expect(await whole.ended, whole.text()).to.equal(0);
    const [other = ""] = runFolders("whole");
    expect(losses(run)).to.deep.equal(losses(other));
  });

  it("takes its jobs up after a SIGKILL, and runs nothing twice", async () => {
    const file = writeSweep(two, "parallel: 2, cpusPerTask: 4");
    const killed = start(file);
    await steps(2);
    await until("two jobs", () => jobs().length === 2);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const again = start(file);
    expect(await again.ended, again.text()).to.equal(0);
    expect(jobs()).to.have.length(2);
    expect(runFolders().map((run) => manifest(run).resumes)).to.deep.equal([[], []]);
    expect(new Set(runFolders().map((run) => readMetrics(run).length)).size).to.equal(1);
  });

  it("stops its jobs, of which one that runs saves a checkpoint first", async () => {
    const sweep = start(writeSweep(two, "parallel: 2, cpusPerTask: 4"));
    const run = await steps(2);
    sweep.child.kill("SIGTERM");
    expect(await sweep.ended, sweep.text()).to.equal(143);
    expect(manifest(run).status).to.equal("interrupted");
    expect(readdirSync(path.join(run, "checkpoints"))).to.not.deep.equal([]);
    expect(slurm.call("squeue", "-h", "-t", "PENDING,RUNNING")).to.equal("");
  });

  it("waits for a controller that is down for a while, and refuses to start without", async () => {
    const file = writeSweep(one);
    const sweep = start(file);
    const run = await steps(2);
    await slurm.stopController();
    await until("a finished run", () => manifest(run).status === "finished");
    expect(await sweep.ended, sweep.text()).to.equal(0);
    const refused = start(file);
    expect(await refused.ended).to.equal(2);
    expect(refused.text()).to.match(
      /^Cannot use launcher slurm: expected a controller that answers/,
    );
    await slurm.startController();
  });

  it("refuses what Slurm would refuse before anything starts, and a machine without Slurm", async () => {
    const wrong = start(writeSweep(one, "partition: none"));
    expect(await wrong.ended).to.equal(2);
    expect(wrong.text()).to.match(/Cannot submit .*: .*[Ii]nvalid partition/);
    const absent = start(writeSweep(one), [], { PATH: "" });
    expect(await absent.ended).to.equal(2);
    expect(absent.text()).to.match(/^Cannot use launcher slurm: expected sbatch in PATH/);
    expect(runFolders()).to.deep.equal([]);
  });
});
