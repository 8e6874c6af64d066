import path from "node:path";

import { afterEach, beforeEach } from "mocha";

/** Folder with the experiments and callbacks that the command line's tests use. */
export const cliFolder: string = path.resolve(import.meta.dirname, "../fixtures/cli");

export interface ProgramResult {
  exitCode: number;
  /** Lines of the output and of the errors. */
  printed: string[];
  warned: string[];
}

export interface SeedbedOptions {
  /** Takes the place of SIGINT and SIGTERM. */
  interrupt?: AbortController;
}

/** Runs the program in this process, as if in the folder of its fixtures, in each test around. */
export function seedbed(): (args: string[], options?: SeedbedOptions) => Promise<ProgramResult> {
  const folder = process.cwd();
  beforeEach(() => process.chdir(cliFolder));
  afterEach(() => process.chdir(folder));
  return async (args, { interrupt = new AbortController() } = {}) => {
    const [printed, warned]: [string[], string[]] = [[], []];
    // mocha requires test files, whose imports are then other copies than those of `import()`,
    // which the program uses for its commands.
    const { runProgram } = await import("../../framework/cli/program.ts");
    const exitCode = await runProgram({
      args,
      terminal: {
        print: (line) => printed.push(...line.split("\n")),
        warn: (line) => warned.push(...line.split("\n")),
      },
      watchSignals: () => ({ signal: interrupt.signal, exitCode: () => 143, release() {} }),
    });
    return { exitCode, printed, warned };
  };
}
