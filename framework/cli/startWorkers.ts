import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { CommandContext } from "./command.ts";
import { QuietExit } from "./quietExit.ts";

const program = path.resolve(import.meta.dirname, "seedbed.js");

/**
 * Carries out the command that was typed with `mpirun`, as so many workers.
 *
 * @throws {QuietExit} with mpirun's exit code unless it is 0, or, once work is saved, with the signal's
 * @throws {InputError} when there is no mpirun
 */
export async function startWorkers(workers: number, context: CommandContext): Promise<void> {
  const command = mpirunCommand(workers, context.args);
  context.terminal.warn(`Starting ${workers} workers: ${command.join(" ")}`);
  const watch = context.watchSignals({ print: () => {}, warn: () => {} });
  try {
    const exitCode = await runToEnd(command, watch.signal);
    if (exitCode === 0) return;
    const hasFailed = exitCode <= 2; // what was done may not be saved
    throw new QuietExit(watch.signal.aborted && !hasFailed ? watch.exitCode() : exitCode);
  } finally {
    watch.release();
  }
}

/** Word by word. */
export function mpirunCommand(workers: number, args: readonly string[]): string[] {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InputError(`Cannot start workers: --workers must be an integer >= 1, got ${workers}`);
  }
  const count = String(workers);
  return ["mpirun", "-n", count, process.execPath, program, ...withoutOption(args, "--workers")];
}

function withoutOption(args: readonly string[], option: string): string[] {
  return args.filter(
    (word, i) => word !== option && !word.startsWith(`${option}=`) && args[i - 1] !== option,
  );
}

/**
 * @param signal is passed on to the workers themselves: mpirun would not leave them the time to save
 * @returns mpirun's exit code
 */
async function runToEnd(command: readonly string[], signal: AbortSignal): Promise<number> {
  const [name = "", ...args] = command;
  const mpirun = spawn(name, args, { stdio: "inherit", detached: true }); // ctrl-c is ours alone
  const interrupt = (): void => interruptWorkers(mpirun);
  const endAll = (): void => void mpirun.kill("SIGTERM");
  signal.addEventListener("abort", interrupt);
  process.on("exit", endAll);
  try {
    return await new Promise((resolve, reject) => {
      mpirun.on("error", (cause) => reject(notStarted(command, cause)));
      mpirun.on("close", (code, killer) =>
        resolve(code ?? 128 + constants.signals[killer ?? "SIGKILL"]),
      );
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
    process.off("exit", endAll);
  }
}

function notStarted([name, , count]: readonly string[], cause: Error): InputError {
  return new InputError(
    `Cannot start ${count} workers: ${cause.message}; expected ${name} in PATH, Debian's packages openmpi-bin and mpich have it`,
    { cause },
  );
}

/** Asks those on this host to stop; they tell the others. Asks mpirun where none can be found. */
function interruptWorkers(mpirun: ChildProcess): void {
  const workers = workersBelow(mpirun.pid);
  if (workers.length === 0) mpirun.kill("SIGTERM");
  for (const pid of workers) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // it has ended meanwhile
    }
  }
}

function workersBelow(mpirun: number | undefined): number[] {
  const parents = new Map<number, number>();
  const workers: number[] = [];
  for (const line of processLines()) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined) continue;
    parents.set(pid, parent);
    if (line.includes(program)) workers.push(pid);
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid !== 0 && (pid === mpirun || isBelow(parents.get(pid)));
  return workers.filter((pid) => pid !== mpirun && isBelow(pid));
}

/** Of a list of processes: some have long commands. */
const mostProcessBytes = 2 ** 26;

/** Number, parent's number and command of every process; none where there is no `ps`. */
function processLines(): string[] {
  try {
    const options = { encoding: "utf8", maxBuffer: mostProcessBytes } as const;
    return execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], options).split("\n");
  } catch {
    return [];
  }
}
