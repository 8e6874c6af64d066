import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";

import { InputError } from "../base/errors.ts";
import type { LocalLauncherSpec } from "../spec/launchers/local.ts";
import type { ConfiguredLauncher, LaunchEnd, LaunchSetting, LaunchTask } from "./launcher.ts";

/**
 * Starts processes on this machine. Each has a channel to this process, by which it knows when this
 * one is gone (`stopWithLauncher`), and a process group of its own, so that a terminal's ctrl-c
 * reaches this one alone. They share the cores.
 */
export function localLauncher(
  spec: LocalLauncherSpec,
  { parallel = spec.parallel }: Pick<LaunchSetting, "parallel"> = {},
): ConfiguredLauncher {
  return {
    name: "local",
    parallel,
    threads: Math.max(1, Math.floor(availableParallelism() / parallel)),
    lifeline: "channel",
    check: async () => {},
    launch(task) {
      const child = start(task);
      return { ended: endOf(child, task), stop: () => void child.kill("SIGTERM") };
    },
  };
}

function start({ command: [program = "", ...args], logFile }: LaunchTask): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    return spawn(program, args, { stdio: ["ignore", log, log, "ipc"], detached: true });
  } finally {
    closeSync(log);
  }
}

function endOf(child: ChildProcess, { command }: LaunchTask): Promise<LaunchEnd> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) =>
      reject(new InputError(`Cannot start ${command.join(" ")}: ${cause.message}`, { cause })),
    );
    child.on("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
