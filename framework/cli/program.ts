import yargs, { type Argv } from "yargs";

import { InputError } from "../base/errors.ts";
import { checkOnce } from "./checkOnce.ts";
import type { CommandContext } from "./command.ts";
import * as commands from "./commands/index.ts";
import { packageVersion } from "./packageVersion.ts";
import { describeProblem } from "./problem.ts";
import { QuietExit } from "./quietExit.ts";
import type { Terminal } from "./terminal.ts";

const success = 0;

/**
 * The program `seedbed`.
 *
 * @returns the exit code: 0, 1 for a failure, 2 for unusable input, 75 for work that is saved and wants
 *   to be started again, 128 + n after signal n
 */
export async function runProgram(context: CommandContext): Promise<number> {
  const program: Argv = yargs([...context.args])
    .scriptName("seedbed")
    .usage("$0 <command>\n\nRuns declarative deep-learning experiments.")
    .demandCommand(1, "expected a command, got none")
    .recommendCommands()
    .strict()
    .version(packageVersion())
    .locale("en")
    .exitProcess(false)
    .middleware((given) => checkOnce(given, severalOf(program)))
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

/** Options and arguments of the called command that may be given several times. */
function severalOf(program: Argv): readonly string[] {
  const { array }: { array: readonly string[] } = Reflect.get(program, "getOptions").call(program);
  return array;
}

/** Says what went wrong. */
function report(error: unknown, { warn }: Terminal): number {
  if (error instanceof QuietExit) return error.exitCode;
  const { message, exitCode } = describeProblem(error);
  warn(message);
  return exitCode;
}
