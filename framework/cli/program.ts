import { readFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";

import yargs from "yargs";

import { InputError, SpecError } from "../base/errors.ts";
import type { CommandContext } from "./command.ts";
import * as commands from "./commands/index.ts";
import { InterruptedRun } from "./interruptedRun.ts";
import { packageFolder } from "./places.ts";
import type { Terminal } from "./terminal.ts";

const success = 0;
const failure = 1;
const badInput = 2;

/**
 * The program `seedbed`.
 *
 * @returns the exit code: 0, 1 for a failure, 2 for unusable input, 128 + n after signal n
 */
export async function runProgram(context: CommandContext): Promise<number> {
  const program = yargs([...context.args])
    .scriptName("seedbed")
    .usage("$0 <command>\n\nRuns declarative deep-learning experiments.")
    .demandCommand(1, "expected a command, got none")
    .recommendCommands()
    .strict()
    .version(packageVersion())
    .locale("en")
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      throw message === null ? error : new InputError(`${message}\nSee seedbed --help`);
    });
  for (const command of Object.values(commands)) command(program, context);
  try {
    await program.parseAsync();
    return success;
  } catch (error) {
    return report(error, context.terminal);
  }
}

function packageVersion(): string {
  const text = readFileSync(path.join(packageFolder, "package.json"), "utf8");
  const { version }: { version?: unknown } = JSON.parse(text);
  return String(version);
}

/** Says what went wrong: a message for what the user can mend, a stack for what we must. */
function report(error: unknown, { warn }: Terminal): number {
  if (error instanceof InterruptedRun) {
    warn(error.message);
    return error.exitCode;
  }
  if (error instanceof SpecError || error instanceof InputError) {
    warn(error.message);
    return badInput;
  }
  warn(inspect(error));
  return failure;
}
