import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { CommandFile } from "../../sweep/command/commandFiles.ts";

/** How a program ended. */
export interface ProgramEnd {
  /** Null after a signal. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`. */
  readonly signal: NodeJS.Signals | null;
  /** The last line that it has printed to its errors. */
  readonly lastWords: string;
}

/** A program that carries a trial out. */
export interface ProgramProcess {
  readonly ended: Promise<ProgramEnd>;
  /** Asks it, and all that it has started, to end; after a while they have to. */
  stop(): void;
  kill(): void;
}

export interface ProgramOptions extends CommandFile {
  /** Between the request to end and the end. */
  readonly graceSeconds: number;
  /** Set where the environment does not say. */
  readonly threads: number | undefined;
}

/** What libraries that compute ask for the number of their threads. */
const threadVariables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/**
 * Starts a trial's program in a process group of its own. What it prints goes to this process's
 * streams. On Linux it ends with this process, whatever ends that.
 *
 * @throws {InputError} from `ended` when it cannot be started
 */
export function startProgram(options: ProgramOptions): ProgramProcess {
  const { words, directory, environment, graceSeconds } = options;
  const [program = "", ...args] = [...tether(process.env), ...words];
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...threadsOf(options), ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const send = (signal: NodeJS.Signals): void => sendToGroup(child, signal);
  let timer: NodeJS.Timeout | undefined;
  return {
    ended: endOf(child, words).finally(() => clearTimeout(timer)),
    stop() {
      send("SIGTERM");
      timer ??= setTimeout(() => send("SIGKILL"), graceSeconds * 1000);
    },
    kill: () => send("SIGKILL"),
  };
}

function threadsOf({ threads }: ProgramOptions): Record<string, string> {
  if (threads === undefined) return {};
  return Object.fromEntries(threadVariables.map((name) => [name, String(threads)]));
}

/** Words before a command that have the system kill it when this process is gone. */
function tether(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform !== "linux" || !findCommand("setpriv", environment)) return [];
  return ["setpriv", "--pdeathsig", "KILL", "--"];
}

/** Where a command is; undefined where there is none. */
export function findCommand(
  name: string,
  environment: NodeJS.ProcessEnv,
  directory = ".",
): string | undefined {
  const places = (environment["PATH"] ?? "").split(path.delimiter);
  const candidates = name.includes(path.sep)
    ? [path.resolve(directory, name)]
    : places.map((place) => path.join(place, name));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sendToGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    return; // all of it has ended
  }
}

/** For what a program has printed last to come through. */
const drainMs = 1000;

function endOf(child: ChildProcess, words: readonly string[]): Promise<ProgramEnd> {
  let tail = "";
  child.stdout?.on("data", (chunk: Buffer) => process.stdout.write(chunk));
  child.stderr?.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    tail = (tail + chunk.toString("utf8")).slice(-4096);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (cause) =>
      reject(new InputError(`Cannot start ${words.join(" ")}: ${cause.message}`, { cause })),
    );
    child.on("exit", (exitCode, signal) => {
      sendToGroup(child, "SIGKILL"); // what it has left behind
      const end = (): void => {
        clearTimeout(timer);
        resolve({ exitCode, signal, lastWords: tail.trimEnd().split("\n").at(-1)?.trim() ?? "" });
      };
      const timer = setTimeout(end, drainMs);
      child.on("close", end);
    });
  });
}
