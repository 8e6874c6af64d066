import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { LaunchedTask, LaunchTask } from "../../../../framework/launch/launcher.ts";
import { writeJobRecord } from "../../../../framework/launch/slurm/jobRecord.ts";
import type { JobEnd } from "../../../../framework/launch/slurm/jobStates.ts";
import type { QueuedJob, SlurmClient } from "../../../../framework/launch/slurm/slurmClient.ts";
import { SlurmJobs, type SlurmJobsOptions } from "../../../../framework/launch/slurm/slurmJobs.ts";
import { slurmDefaults } from "../../../support/launcherSpecs.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { rejection } from "../../data/rejection.ts";

/** A Slurm that is played: what it has been asked, and what it will say. */
class PlayedSlurm implements SlurmClient {
  readonly log: string[] = [];
  readonly rows = new Map<string, QueuedJob>();
  readonly ends = new Map<string, JobEnd | "unknown">();
  /** Ids that submitted jobs get; undefined: the answer is lost. */
  readonly ids: (string | undefined)[] = ["1", "2", "3"];
  isSilent = false;

  async check(): Promise<void> {}
  async test(): Promise<void> {}
  async submit(script: string): Promise<string | undefined> {
    this.log.push(`submit ${/--job-name=(.*)/.exec(readFileSync(script, "utf8"))?.[1]}`);
    return this.ids.shift();
  }
  async queue(): Promise<ReadonlyMap<string, QueuedJob> | undefined> {
    return this.isSilent ? undefined : this.rows;
  }
  async end(job: string): Promise<JobEnd | "unknown" | undefined> {
    return this.ends.get(job);
  }
  async stop(jobs: readonly string[]): Promise<void> {
    this.log.push(`stop ${jobs.join(" ")}`);
    for (const job of jobs) this.ends.set(job, { state: "FAILED", exitCode: "143:0", restarts: 0 });
    for (const job of jobs) this.rows.delete(job);
  }
  async cancel(jobs: readonly string[]): Promise<void> {
    this.log.push(`cancel ${jobs.join(" ")}`);
  }
}

const failed: JobEnd = { state: "FAILED", exitCode: "7:0", restarts: 0 };

describe("SlurmJobs", () => {
  const folder = temporaryFolder();

  function open(
    slurm: PlayedSlurm,
    keys: Partial<typeof slurmDefaults> = {},
    more: Partial<SlurmJobsOptions> = {},
  ) {
    const told: string[] = [];
    const spec = { ...slurmDefaults, pollSeconds: 0.01, ...keys };
    const jobs = new SlurmJobs({ spec, client: slurm, warn: (line) => told.push(line), ...more });
    const launch = (name: string, state: LaunchTask["state"] = () => "unknown"): LaunchedTask => {
      folder.write({ [`${name}/trial.json`]: "" });
      const at = folder.path(name);
      const logFile = folder.path(name, "trial.log");
      return jobs.launch({ command: ["do"], logFile, folder: at, title: `line.${name}`, state });
    };
    return { jobs, launch, told };
  }
  const row = (state: string, comment = ""): QueuedJob => ({ state, reason: "None", comment });
  const record = (more: object = {}): void => {
    folder.write({ "a/trial.json": "" });
    writeJobRecord(folder.path("a"), { submission: 1, comment: "seedbed a 1", lost: 0, ...more });
  };

  it("makes a job for a task, and tells how it ended", async () => {
    const slurm = new PlayedSlurm();
    slurm.ends.set("1", failed);
    expect(await open(slurm).launch("a").ended).to.deep.equal({ exitCode: 7, signal: null });
    expect(slurm.log).to.deep.equal(["submit line.a"]);
  });

  it("believes the task's files, and asks Slurm nothing", async () => {
    const slurm = new PlayedSlurm();
    slurm.isSilent = true;
    const { launch, told } = open(slurm);
    let looks = 0;
    const ended = launch("a", () => (++looks < 3 ? "running" : "finished")).ended;
    expect(await ended).to.deep.equal({ exitCode: 0, signal: null });
    expect(told).to.deep.equal([]);
  });

  it("knows when the job of a task that has finished prints no more", async () => {
    const slurm = new PlayedSlurm();
    slurm.rows.set("1", row("RUNNING"));
    const task = open(slurm).launch("a", () => "finished");
    expect(await task.ended).to.deep.equal({ exitCode: 0, signal: null });
    let isClosed = false;
    const closed = task.logClosed!().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isClosed).to.equal(false);
    slurm.rows.set("1", row("COMPLETED"));
    await closed;
  });

  it("does not wait for a Slurm that does not answer, nor for a job that goes on after its work", async () => {
    const slurm = new PlayedSlurm();
    let now = 0;
    const { launch } = open(slurm, {}, { clock: () => (now += 20_000) });
    const task = launch("a", () => "finished");
    await task.ended;
    slurm.rows.set("1", row("RUNNING"));
    expect(await rejection(task.logClosed!())).to.match(/: Slurm job 1 goes on after its work$/);
    slurm.isSilent = true;
    expect(await rejection(task.logClosed!())).to.equal(
      `Cannot tell that ${folder.path("a", "trial.log")} has all of its lines: Slurm does not answer whether job 1 has ended`,
    );
  });

  it("makes another job for a task whose node failed, so often as it may", async () => {
    const slurm = new PlayedSlurm();
    for (const job of ["1", "2"]) slurm.ends.set(job, { ...failed, state: "NODE_FAIL" });
    const { launch } = open(slurm, { maxRequeues: 1 });
    expect((await launch("a").ended).reason).to.equal("Slurm job 2: its node failed");
    expect(slurm.log).to.deep.equal(["submit line.a", "submit line.a"]);
  });

  it("does not go on for ever with a task that is always interrupted", async () => {
    const slurm = new PlayedSlurm();
    slurm.ends.set("1", { state: "FAILED", exitCode: "75:0", restarts: 10 });
    const end = await open(slurm).launch("a").ended;
    expect(end.reason).to.match(/^Slurm job 1 was queued again 10 times, as often as/);
    expect(end.isFinal).to.equal(true);
  });

  it("takes up a job that an earlier process has asked for", async () => {
    const slurm = new PlayedSlurm();
    record({ job: "9" });
    slurm.rows.set("9", row("RUNNING"));
    const { jobs, launch } = open(slurm);
    expect(await jobs.holds(folder.path("a"))).to.equal(true);
    const { ended } = launch("a");
    setTimeout(() => {
      slurm.rows.delete("9");
      slurm.ends.set("9", failed);
    }, 50);
    expect(await ended).to.deep.equal({ exitCode: 7, signal: null });
    expect(slurm.log).to.deep.equal([]);
  });

  it("finds the job by its comment when the process was killed before it knew the id", async () => {
    const slurm = new PlayedSlurm();
    record({ index: 3 });
    slurm.rows.set("9_2", row("RUNNING", "seedbed a 1"));
    slurm.rows.set("9_3", row("RUNNING", "seedbed a 1"));
    const task = open(slurm).launch("a");
    await new Promise((resolve) => setTimeout(resolve, 50));
    task.stop();
    expect((await task.ended).signal).to.equal("SIGTERM");
    expect(slurm.log).to.deep.equal(["stop 9_3"]);
  });

  it("makes no job for a task that has finished while its job was looked for", async () => {
    const slurm = new PlayedSlurm();
    record({ job: "9" });
    slurm.rows.set("9", row("COMPLETED"));
    const end = await open(slurm).launch("a", () => "finished").ended;
    expect(end).to.deep.equal({ exitCode: 0, signal: null });
    expect(slurm.log).to.deep.equal([]);
  });

  it("makes a new job where the earlier one has ended", async () => {
    const slurm = new PlayedSlurm();
    record({ job: "9" });
    slurm.rows.set("9", row("FAILED"));
    slurm.ends.set("1", failed);
    const { jobs, launch } = open(slurm);
    expect(await jobs.holds(folder.path("a"))).to.equal(false);
    await launch("a").ended;
    expect(slurm.log).to.deep.equal(["submit line.a"]);
  });

  it("looks for the job before it asks again, when sbatch's answer was lost", async () => {
    const slurm = new PlayedSlurm();
    slurm.ids.unshift(undefined);
    const { launch, told } = open(slurm);
    const { ended } = launch("a");
    slurm.rows.set("5", row("RUNNING", `seedbed line.a ${folder.path("a")} 1`));
    setTimeout(() => {
      slurm.rows.delete("5");
      slurm.ends.set("5", failed);
    }, 100);
    expect((await ended).exitCode).to.equal(7);
    expect(slurm.log).to.deep.equal(["submit line.a"]);
    expect(told).to.deep.equal([
      "Slurm does not answer; trials that run go on, and it is asked again",
    ]);
  });

  it("makes one array of tasks that come together", async () => {
    const slurm = new PlayedSlurm();
    const { launch } = open(slurm, { array: true });
    slurm.ends.set("1_0", failed);
    slurm.ends.set("1_1", { ...failed, exitCode: "0:0" });
    const tasks = [launch("a"), launch("b")];
    const ends = await Promise.all(tasks.map(({ ended }) => ended));
    expect(ends.map(({ exitCode }) => exitCode)).to.deep.equal([7, 0]);
    expect(slurm.log).to.deep.equal(["submit line"]);
  });

  it("stops all in one call, and does not wait for ever", async () => {
    const slurm = new PlayedSlurm();
    slurm.stop = async (jobs) => void slurm.log.push(`stop ${jobs.join(" ")}`);
    slurm.cancel = async ([job = ""]) => {
      slurm.log.push(`cancel ${job}`);
      slurm.rows.delete(job);
      slurm.ends.set(job, { ...failed, state: "CANCELLED" });
    };
    slurm.rows.set("1", row("RUNNING")).set("2", row("PENDING"));
    const clock = (): number => (slurm.log.includes("cancel 2") ? 1001 : 0);
    const { launch } = open(slurm, { stopSeconds: 1 }, { clock });
    const tasks = [launch("a"), launch("b")];
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const task of tasks) task.stop();
    await Promise.all(tasks.map(({ ended }) => ended));
    expect(slurm.log.slice(2)).to.deep.equal(["stop 1 2", "cancel 2", "cancel 1"]);
  });

  it("says that somebody holds a job, once", async () => {
    const slurm = new PlayedSlurm();
    slurm.rows.set("1", row("REQUEUE_HOLD"));
    const { launch, told } = open(slurm);
    const { ended } = launch("a");
    setTimeout(() => {
      slurm.rows.delete("1");
      slurm.ends.set("1", "unknown");
    }, 100);
    expect((await ended).reason).to.equal("Slurm has forgotten job 1");
    expect(told).to.deep.equal([
      "Slurm holds job 1 of line.a; release it with: scontrol release 1",
    ]);
  });
});
