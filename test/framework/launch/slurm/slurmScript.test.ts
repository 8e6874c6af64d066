import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { slurmBody, slurmDirectives } from "../../../../framework/launch/slurm/slurmScript.ts";
import { slurmDefaults } from "../../../support/launcherSpecs.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const job = {
  title: "line.3",
  comment: "seedbed line.3 /runs/my line/x 1",
  logFile: "/runs/my line/x/trial.log",
  workingFolder: "/home/me",
};

describe("slurmDirectives()", () => {
  it("asks for a job that goes back into the queue and is told of its end in time", () => {
    expect(slurmDirectives(job, slurmDefaults).split("\n")).to.deep.equal([
      "#!/bin/bash",
      "#SBATCH --job-name=line.3",
      "#SBATCH --nodes=1",
      "#SBATCH --cpus-per-task=1",
      '#SBATCH --comment="seedbed line.3 /runs/my line/x 1"',
      '#SBATCH --output="/runs/my line/x/trial.log"',
      "#SBATCH --open-mode=append",
      "#SBATCH --chdir=/home/me",
      "#SBATCH --requeue",
      "#SBATCH --signal=B:USR1@120",
      "",
    ]);
  });

  it("asks for the resources of the sweep's file, and for an array", () => {
    const spec = {
      ...slurmDefaults,
      partition: "gpu",
      account: "lab",
      qos: "long",
      time: "1-12",
      mem: "16G",
      gres: "gpu:1",
      cpusPerTask: 8,
      sbatch: { constraint: "a100&nvlink", exclusive: true, comment: "mine" },
    };
    const lines = slurmDirectives({ ...job, array: { size: 8, parallel: 3 } }, spec).split("\n");
    expect(lines).to.include.members([
      "#SBATCH --partition=gpu",
      "#SBATCH --account=lab",
      "#SBATCH --qos=long",
      "#SBATCH --time=1-12",
      "#SBATCH --mem=16G",
      "#SBATCH --gres=gpu:1",
      "#SBATCH --cpus-per-task=8",
      '#SBATCH --constraint="a100&nvlink"',
      "#SBATCH --exclusive",
      "#SBATCH --array=0-7%3",
    ]);
    expect(lines.join("\n")).to.not.contain("mine");
  });
});

describe("slurmBody()", () => {
  const folder = temporaryFolder();
  const requeued = (): boolean => existsSync(folder.path("requeued"));

  /** Starts the script with a task that ends with 75 after SIGUSR2 and 143 after SIGTERM. */
  function start(code: string, restarts = 0): ChildProcess {
    folder.write({ "bin/scontrol": `#!/bin/sh\necho "$*" > '${folder.path("requeued")}'\n` });
    execFileSync("chmod", ["+x", folder.path("bin/scontrol")]);
    const command = ["bash", "-c", code];
    folder.write({
      "job.sh": slurmBody({ command }, { setup: ["greeting='a b'"], maxRequeues: 2 }),
    });
    return spawn("bash", [folder.path("job.sh")], {
      env: {
        ...process.env,
        PATH: `${folder.path("bin")}:${process.env["PATH"]}`,
        SLURM_JOB_ID: "12",
        SLURM_RESTART_COUNT: String(restarts),
      },
    });
  }
  const patient = (): string =>
    `trap 'exit 75' USR2; trap 'exit 143' TERM; touch '${folder.path("ready")}'; while :; do sleep 0.05; done`;
  const codeOf = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.on("close", resolve));
  async function ready(): Promise<void> {
    while (!existsSync(folder.path("ready"))) await new Promise((r) => setTimeout(r, 20));
  }

  it("ends as the task does", async () => {
    expect(await codeOf(start("exit 3"))).to.equal(3);
    expect(requeued()).to.equal(false);
  });

  it("has the task save its work before the limit, and goes back into the queue", async () => {
    const child = start(patient(), 1);
    await ready();
    child.kill("SIGUSR1");
    expect(await codeOf(child)).to.equal(75);
    expect(readFileSync(folder.path("requeued"), "utf8")).to.equal("requeue 12\n");
  });

  it("does so no more than it may", async () => {
    const child = start(patient(), 2);
    await ready();
    child.kill("SIGUSR1");
    expect(await codeOf(child)).to.equal(75);
    expect(requeued()).to.equal(false);
  });

  it("passes SIGTERM on, after which it does not go back", async () => {
    const child = start(patient());
    await ready();
    child.kill("SIGTERM");
    expect(await codeOf(child)).to.equal(143);
    expect(requeued()).to.equal(false);
  });
});
