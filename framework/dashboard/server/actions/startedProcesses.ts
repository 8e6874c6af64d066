import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";
import { redactLog } from "../../../tracking/redactLog.ts";
import { redactSecrets } from "../../../tracking/redactSecrets.ts";
import type { ActionsEvent } from "../../api.ts";

export interface StartedProcessesOptions {
  /** Where they run, and where relative paths of specs begin. */
  readonly directory: string;
  /** Takes a file for each, with what it prints before its run has begun. */
  readonly logFolder: string;
  /** Told when one has ended while this process lives. */
  readonly ended: (event: ActionsEvent) => void;
}

/** What an event says of a process's last words. */
const outputCharacters = 4000;

/** Starts processes that go on when this one ends: nothing connects them but a log file. */
export class StartedProcesses {
  readonly #options: StartedProcessesOptions;

  constructor(options: StartedProcessesOptions) {
    this.#options = options;
  }

  /** @throws {InputError} when the program cannot be started */
  async start(command: readonly string[]): Promise<{ pid: number; command: string[] }> {
    const { directory, logFolder } = this.#options;
    const [program = "", ...args] = command;
    mkdirSync(logFolder, { recursive: true });
    const logFile = path.join(logFolder, `${randomBytes(6).toString("hex")}.log`);
    const log = openSync(logFile, "a");
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(child.pid!));
      child.once("error", ({ message }) =>
        reject(new InputError(`Cannot start ${command.join(" ")}: ${message}`)),
      );
    });
    child.once(
      "exit",
      (exitCode) => void this.#end({ pid, command: [...command], exitCode }, logFile),
    );
    child.unref();
    return { pid, command: [...command] };
  }

  async #end(process: Omit<ActionsEvent, "output">, logFile: string): Promise<void> {
    const problem = await redactLog(logFile).then(
      () => "",
      (error: unknown) => `\n${String(error)}\n`,
    );
    this.#options.ended({ ...process, output: readTail(logFile) + problem });
  }
}

/** Without secrets, whether the file could be rid of them or not. */
function readTail(file: string): string {
  try {
    return redactSecrets(lastBytes(file, 4 * outputCharacters)).slice(-outputCharacters);
  } catch {
    return "";
  }
}

function lastBytes(file: string, count: number): string {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(count, size));
    const length = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8", 0, length);
  } finally {
    closeSync(handle);
  }
}
