import { execFile, spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { SshHost, SshLauncherSpec } from "../spec/launchers/ssh.ts";
import type {
  ConfiguredLauncher,
  LaunchedTask,
  LaunchEnd,
  LaunchSetting,
  LaunchTask,
} from "./launcher.ts";
import { shellWord } from "./shellWord.ts";

/** A host and what it has to do. */
interface UsedHost extends SshHost {
  running: number;
  /** Connections that were lost or refused. */
  failures: number;
}

/** Of ssh itself, when there is no connection. */
const noConnection = 255;
/** Of a shell: the program was not found, or could not be started. */
const startFailures: readonly (number | null)[] = [126, 127];

/**
 * Starts processes on other machines through ssh, each where most slots are free. Standard input is
 * their lifeline: it ends with this process, and with the connection.
 */
export function sshLauncher(
  spec: SshLauncherSpec,
  setting: Pick<LaunchSetting, "parallel"> = {},
): ConfiguredLauncher {
  const hosts = spec.hosts.map((host): UsedHost => ({ ...host, running: 0, failures: 0 }));
  const slots = hosts.reduce((sum, host) => sum + host.slots, 0);
  const { parallel = slots } = setting;
  return {
    name: "ssh",
    parallel,
    threads: spec.threads,
    lifeline: "input",
    async check() {
      if (parallel > slots) {
        throw new InputError(
          `Cannot run ${parallel} trials at once: expected at most ${slots}, the slots of launcher.hosts`,
        );
      }
      await Promise.all(hosts.map(({ host }) => checkHost(spec, host)));
    },
    launch: (task) => launchOn(spec, chooseHost(hosts), task),
  };
}

/** One that has failed less often than others, then the one with most free slots. */
function chooseHost(hosts: readonly UsedHost[]): UsedHost {
  const free = hosts.filter(({ running, slots }) => running < slots);
  const [best] = free.toSorted(
    (a, b) => a.failures - b.failures || b.slots - b.running - (a.slots - a.running),
  );
  if (best) return best;
  throw new RangeError("Cannot launch: expected a free slot, got as many tasks as there are slots");
}

function sshCommand({ options, timeoutSeconds }: SshLauncherSpec, host: string): string[] {
  const all = {
    BatchMode: "yes",
    ConnectTimeout: timeoutSeconds,
    ServerAliveInterval: timeoutSeconds,
    ...options,
  };
  return ["-T", ...Object.entries(all).flatMap(([key, value]) => ["-o", `${key}=${value}`]), host];
}

/** Whatever the user's shell is there. */
const shellCommand = (script: string): string => `exec sh -c ${shellWord(script)}`;

/** @throws {InputError} when the host is not reached, or sees other folders */
async function checkHost(spec: SshLauncherSpec, host: string): Promise<void> {
  const here = process.cwd();
  const { code, problem } = await callHost(
    spec,
    host,
    `cd ${shellWord(here)} && test -x ${shellWord(process.execPath)}`,
  );
  if (code === 0) return;
  const expected = `expected folder ${here} and program ${process.execPath} there as they are here`;
  throw new InputError(`Cannot use host ${host}: ${problem || expected}`);
}

/** Runs a short script there. */
function callHost(
  spec: SshLauncherSpec,
  host: string,
  script: string,
): Promise<{ code: number; problem: string }> {
  const timeout = spec.timeoutSeconds * 2000;
  return new Promise((resolve, reject) => {
    const args = [...sshCommand(spec, host), shellCommand(script)];
    execFile("ssh", args, { timeout, killSignal: "SIGKILL" }, (error, _output, problem) => {
      if (error?.code === "ENOENT") return reject(noSsh(error));
      const code = typeof error?.code === "number" ? error.code : error ? noConnection : 0;
      resolve({ code, problem: problem.trim() });
    });
  });
}

const noSsh = (cause: Error): InputError =>
  new InputError(
    "Cannot use launcher ssh: expected ssh in PATH, got no such program; Debian's package openssh-client has it",
    { cause },
  );

function launchOn(spec: SshLauncherSpec, host: UsedHost, task: LaunchTask): LaunchedTask {
  host.running++;
  const child = start(spec, host, task);
  const ended = endOf(child, host, task).finally(() => host.running--);
  const pidFile = shellWord(pidFileOf(task));
  const stop = async (): Promise<void> => {
    const { code } = await callHost(spec, host.host, `kill -TERM "$(cat ${pidFile})"`);
    if (code !== 0) child.stdin?.end();
  };
  return { ended, stop: () => void stop().catch(() => child.stdin?.end()) };
}

const pidFileOf = ({ folder }: LaunchTask): string => path.join(path.resolve(folder), "ssh.pid");

function start(spec: SshLauncherSpec, { host }: UsedHost, task: LaunchTask): ChildProcess {
  const log = openSync(task.logFile, "a");
  try {
    return spawn("ssh", [...sshCommand(spec, host), shellCommand(remoteScript(spec, task))], {
      stdio: ["pipe", log, log],
      detached: true, // ctrl-c is ours alone
    });
  } finally {
    closeSync(log);
  }
}

/** The shell waits, as sshd does not tell which signal has ended a program. */
function remoteScript({ setup }: SshLauncherSpec, task: LaunchTask): string {
  const pidFile = shellWord(pidFileOf(task));
  return [
    `cd ${shellWord(process.cwd())} || exit`,
    ...setup,
    "exec 3<&0",
    `${task.command.map(shellWord).join(" ")} <&3 &`,
    `echo $! >${pidFile}`,
    "wait $!",
    "code=$?",
    `rm -f ${pidFile}`,
    "exit $code",
  ].join("\n");
}

function endOf(child: ChildProcess, host: UsedHost, task: LaunchTask): Promise<LaunchEnd> {
  return new Promise((resolve, reject) => {
    child.stdin?.on("error", () => {}); // it is gone with the connection
    child.on("error", (cause) => reject(noSsh(cause)));
    child.on("exit", (code, signal) => {
      if (code === noConnection) host.failures++;
      if (startFailures.includes(code)) reject(notStarted(task, host, code));
      else resolve(readEnd(code, signal, host));
    });
  });
}

function readEnd(code: number | null, killer: string | null, { host }: SshHost): LaunchEnd {
  if (code === noConnection || code === null) {
    const how = killer === null ? "" : `, ${killer}`;
    return { exitCode: code, signal: killer, reason: `the connection to ${host} was lost${how}` };
  }
  const signal = Object.entries(constants.signals).find(([, each]) => each === code - 128)?.[0];
  return signal === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal };
}

const notStarted = (task: LaunchTask, { host }: SshHost, code: number | null): InputError =>
  new InputError(
    `Cannot start ${task.command.join(" ")}: exit code ${code} on ${host}, expected the program there as it is here; see ${task.logFile}`,
  );
