import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { SlurmLauncherSpec } from "../spec/launchers/slurm.ts";
import type { ConfiguredLauncher, LaunchSetting } from "./launcher.ts";
import { clientRunner } from "./slurm/runClient.ts";
import { slurmClient, type SlurmClient } from "./slurm/slurmClient.ts";
import { SlurmJobs } from "./slurm/slurmJobs.ts";
import { scriptName, slurmDirectives } from "./slurm/slurmScript.ts";

/** Jobs that an array has at most; Slurm's own default for MaxArraySize allows it. */
const largestArray = 1000;

/**
 * Makes a job of a Slurm cluster for each task, or arrays of jobs. The nodes must see this machine's
 * folders. Jobs go on when this process is gone, and are taken up by a later one: their ids are in the
 * tasks' folders. Accounting (sacct) is asked where there is one, and not needed.
 *
 * @param client for tests
 */
export function slurmLauncher(
  spec: SlurmLauncherSpec,
  { parallel = spec.parallel, ready, warn }: LaunchSetting,
  client: SlurmClient = slurmClient(clientRunner(spec.timeoutSeconds)),
): ConfiguredLauncher {
  const jobs = new SlurmJobs({ spec: { ...spec, parallel }, client, warn });
  const together = spec.array ? Math.min(ready ?? 0, largestArray) : 0;
  return {
    name: "slurm",
    parallel: Math.max(parallel, together),
    threads: spec.cpusPerTask,
    async check() {
      await client.check();
      await tryScript(client, spec);
    },
    launch: (task) => jobs.launch(task),
    holds: (folder) => jobs.holds(folder),
  };
}

/** Has Slurm say what it thinks of the resources that are asked for. */
async function tryScript(client: SlurmClient, spec: SlurmLauncherSpec): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-slurm-"));
  try {
    const job = {
      title: "seedbed",
      comment: "",
      logFile: "/dev/null",
      workingFolder: process.cwd(),
    };
    const script = path.join(folder, scriptName);
    writeFileSync(script, `${slurmDirectives(job, spec)}exit\n`);
    await client.test(script);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
