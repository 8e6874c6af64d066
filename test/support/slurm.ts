import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import path from "node:path";

import { freePorts } from "./freePorts.ts";

/** A Slurm of one node in a temporary folder. */
export interface TestSlurm {
  readonly folder: string;
  /** For Slurm's programs and whatever calls them. */
  readonly environment: NodeJS.ProcessEnv;
  /** Calls one of Slurm's programs. @returns its output */
  call(...command: readonly [string, ...string[]]): string;
  startController(): Promise<void>;
  stopController(): Promise<void>;
  stop(): Promise<void>;
}

/** Its daemons run as the user who calls this, without munge, and write nowhere else. */
export async function startSlurm(): Promise<TestSlurm> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-slurm-"));
  for (const name of ["state", "spool", "log"]) mkdirSync(path.join(folder, name));
  writeSettings(folder, await freePorts(2));
  const file = path.join(folder, "slurm.conf");
  const environment = { ...process.env, SLURM_CONF: file };
  const call: TestSlurm["call"] = (program, ...args) =>
    execFileSync(program, args, { env: environment, encoding: "utf8", timeout: 20_000 });
  async function startController(): Promise<void> {
    call("slurmctld", "-f", file);
    await until("a controller", () => isAnswered(() => call("scontrol", "ping")));
  }
  const stopController = (): Promise<void> => endDaemon(path.join(folder, "slurmctld.pid"));
  await startController();
  call("slurmd", "-f", file);
  await until("an idle node", () => call("sinfo", "-h", "-o", "%t").trim() === "idle");
  return {
    folder,
    environment,
    call,
    startController,
    stopController,
    async stop() {
      await Promise.all([stopController(), endDaemon(path.join(folder, "slurmd.pid"))]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeSettings(
  folder: string,
  [controllerPort = 0, nodePort = 0]: readonly number[],
): void {
  const host = hostname().replace(/\..*/, "");
  const user = userInfo().username;
  const settings = `ClusterName=seedbed
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=10000
ReturnToService=2
JobRequeue=1
KillWait=30
MinJobAge=3600
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=${host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=2000 State=UNKNOWN
PartitionName=debug Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
  writeFileSync(path.join(folder, "slurm.conf"), settings);
  writeFileSync(path.join(folder, "cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
}

/** Asks the daemon whose number the file holds to end, and waits until it has. */
async function endDaemon(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  process.kill(pid, "SIGTERM");
  await until(`the end of process ${pid}`, () => !isAlive(pid));
}

/** A controller that is not there yet makes a program fail. */
function isAnswered(call: () => string): boolean {
  try {
    return call().includes("is UP");
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @throws {Error} when it takes longer than a few minutes */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const lastMs = performance.now() + 200_000;
  while (!condition()) {
    if (performance.now() > lastMs) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
