import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { slurmLauncher } from "../../framework/launch/slurmLauncher.ts";
import { launcherContract } from "../framework/launch/launcherContract.ts";
import { slurmDefaults } from "../support/launcherSpecs.ts";
import { startSlurm, type TestSlurm } from "../support/slurm.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

describe("slurmLauncher() on a real Slurm", () => {
  const folder = temporaryFolder();
  const settings = process.env["SLURM_CONF"];
  let slurm: TestSlurm;
  before(async () => {
    slurm = await startSlurm();
    process.env["SLURM_CONF"] = slurm.environment["SLURM_CONF"];
  });
  after(async () => {
    if (settings === undefined) delete process.env["SLURM_CONF"];
    else process.env["SLURM_CONF"] = settings;
    await slurm.stop();
  });

  const spec = { ...slurmDefaults, mem: 100, pollSeconds: 0.2, setup: ["before='a b'"] };
  const create = (): ReturnType<typeof slurmLauncher> => slurmLauncher(spec, { warn: () => {} });

  launcherContract(create, folder);

  it("says that somebody has cancelled a job, which is then not tried again", async () => {
    const command = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const { ended } = create().launch({
      command,
      logFile: folder.path("log"),
      folder: folder.path(),
      title: "contract.2",
      state: () => "unknown",
    });
    setTimeout(() => slurm.call("scancel", "--name=contract.2"), 1000);
    expect(await ended).to.deep.include({ exitCode: null, isFinal: true });
  });
});
