import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";

import { InputError } from "../base/errors.ts";
import type { LaunchEnd, Launcher, LaunchTask } from "./launcher.ts";

/**
 * Starts processes on this machine. Each has a channel to this process, by which it knows when this
 * one is gone (`stopWithLauncher`), and a process group of its own, so that a terminal's ctrl-c
 * reaches this one alone.
 */
export function localLauncher(): Launcher {
  return {
    name: "local",
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

/** In a process that `localLauncher` has started: asks it to stop when the one that did so is gone. */
export function stopWithLauncher(): void {
  const stop = (): void => void process.kill(process.pid, "SIGTERM");
  if (!process.connected) return stop();
  process.once("disconnect", stop);
  process.channel?.unref(); // it must not keep the process
}
