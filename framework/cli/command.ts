import type { Argv } from "yargs";

import type { World } from "../distributed/world.ts";
import type { SignalSender, SignalWatch } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

/** What a command may use of its surroundings. */
export interface CommandContext {
  /** What was typed, without the interpreter and the script. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /**
   * Starts to watch for SIGINT, SIGTERM and SIGUSR2; until then they end the process.
   *
   * @param terminal is told of the signal, in the place of `terminal`
   */
  watchSignals(terminal?: Terminal, sender?: SignalSender): SignalWatch;
}

/** The context of a command that several workers may carry out together. */
export interface WorkerContext extends CommandContext {
  readonly world: World;
  /** This worker's share of the machine; undefined: all of it. */
  readonly threads: number | undefined;
}

/** Adds one command to the program. Heavy modules are imported when it is called. */
export type Command = (program: Argv, context: CommandContext) => void;

/** How many processes carry a command out. */
export const workersOption = {
  type: "number",
  describe: "Start so many processes with mpirun, which train together on shares of the data",
} as const;

/** What `planSpecs` tells apart. */
export const specsArgument = {
  type: "string",
  array: true,
  demandOption: true,
  describe:
    "YAML files, and values to set, such as trainer.maxSteps=10, or NAME:trainer.maxSteps=10 in one file",
} as const;

/** Where runs are kept when the user does not say. */
export const runsOption = {
  type: "string",
  default: "runs",
  describe: "Folder that holds all runs",
} as const;
