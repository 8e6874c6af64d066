import { execFile } from "node:child_process";

import { InputError } from "../../base/errors.ts";

/** What a program has answered. */
export interface ClientAnswer {
  /** Whether it has ended with 0. */
  readonly isOk: boolean;
  readonly output: string;
  /** What it wrote to its error output, or that it took too long. */
  readonly problem: string;
}

/** Calls a program, for so many seconds at most. */
export type RunClient = (command: readonly string[]) => Promise<ClientAnswer>;

/**
 * Slurm's own clients block for minutes when the controller is down.
 *
 * @throws {InputError} from a call, when there is no such program
 */
export function clientRunner(timeoutSeconds: number): RunClient {
  const options = {
    timeout: timeoutSeconds * 1000,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 28,
  } as const;
  return ([program = "", ...args]) =>
    new Promise((resolve, reject) => {
      execFile(program, args, options, (error, output, problem) => {
        if (error?.code === "ENOENT") return reject(missing(program, error));
        const late = error?.killed ? `${program}: no answer within ${timeoutSeconds} s` : "";
        resolve({ isOk: error === null, output, problem: late || problem.trim() });
      });
    });
}

const missing = (program: string, cause: Error): InputError =>
  new InputError(
    `Cannot use launcher slurm: expected ${program} in PATH, got no such program; Debian's package slurm-client has it`,
    { cause },
  );
