import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { sshLauncher } from "../../framework/launch/sshLauncher.ts";
import { launcherContract } from "../framework/launch/launcherContract.ts";
import { cliFolder } from "../support/cli.ts";
import { sshDefaults } from "../support/launcherSpecs.ts";
import { until } from "../support/slurm.ts";
import { startSshd, type TestSshd } from "../support/sshd.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

describe("sshLauncher() with a real sshd", () => {
  const folder = temporaryFolder();
  let sshd: TestSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());

  const create = (host = "127.0.0.1"): ReturnType<typeof sshLauncher> =>
    sshLauncher({ ...sshDefaults, options: sshd.options, hosts: [{ host, slots: 2 }] });

  launcherContract(create, folder);

  it("looks whether hosts can be used, and have a slot for each trial", async () => {
    await create().check();
    const unknown = await create("127.0.0.1.invalid").check().catch(String);
    expect(unknown).to.match(/^InputError: Cannot use host 127\.0\.0\.1\.invalid: /);
    const hosts = [{ host: "a", slots: 2 }];
    const few = sshLauncher({ ...sshDefaults, hosts }, { parallel: 3 });
    expect(await few.check().catch(String)).to.match(/3 trials at once: expected at most 2/);
  });

  it("carries a sweep out, whose trials save their work when it is killed", async () => {
    folder.write({
      "base.yaml": `experiment: leastSquares
trainer: { backend: cpu, maxSteps: 30, logEveryNSteps: 1 }
optimizer: { name: sgd, learningRate: 0.1 }
data: { delayMs: 100 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`,
      "line.yaml": `program: base.yaml
method: grid
parameters: { data.slope: { values: [1] } }
launcher:
  name: ssh
  threads: 1
  hosts: [{ host: 127.0.0.1 }]
  options: ${JSON.stringify(sshd.options)}
`,
    });
    const runs = folder.path("runs");
    const start = () =>
      spawn(process.execPath, [program, "sweep", folder.path("line.yaml"), "--runs", runs], {
        cwd: cliFolder,
        stdio: "ignore",
      });
    const run = (): string => {
      const all = existsSync(path.join(runs, "line")) ? readdirSync(path.join(runs, "line")) : [];
      return path.join(runs, "line", all.find((name) => /^\w{8}$/.test(name)) ?? "none");
    };
    const status = (): string =>
      JSON.parse(readFileSync(path.join(run(), "manifest.json"), "utf8")).status;
    const killed = start();
    await until("a run that logs", () => existsSync(path.join(run(), "metrics.jsonl")));
    killed.kill("SIGKILL");
    await until("a run that has saved its work", () => status() === "interrupted");
    expect(readdirSync(path.join(run(), "checkpoints"))).to.not.deep.equal([]);
    const again = start();
    const code = await new Promise((resolve) => again.on("close", resolve));
    expect(code).to.equal(0);
    expect(status()).to.equal("finished");
  });
});
