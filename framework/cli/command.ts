import type { Argv } from "yargs";

import type { SignalWatch } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

/** What a command may use of its surroundings. */
export interface CommandContext {
  /** What was typed, without the interpreter and the script. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** Starts to watch for SIGINT and SIGTERM; until then they end the process. */
  watchSignals(): SignalWatch;
}

/** Adds one command to the program. Heavy modules are imported when it is called. */
export type Command = (program: Argv, context: CommandContext) => void;

/** Where runs are kept when the user does not say. */
export const runsOption = {
  type: "string",
  default: "runs",
  describe: "Folder that holds all runs",
} as const;
