import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";
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
    child.once("exit", (exitCode) => this.#end({ pid, command: [...command], exitCode }, logFile));
    child.unref();
    return { pid, command: [...command] };
  }

  #end(process: Omit<ActionsEvent, "output">, logFile: string): void {
    this.#options.ended({ ...process, output: readTail(logFile) });
  }
}

function readTail(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(-outputCharacters);
  } catch {
    return "";
  }
}
