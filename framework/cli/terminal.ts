import type { ProgressOutput } from "../base/progressLine.ts";

/** Where a command's lines go. */
export interface Terminal {
  /** What was asked for; ends up in a pipe. */
  readonly print: (line: string) => void;
  /** Everything else: errors, hints. */
  readonly warn: (line: string) => void;
  /** How far the work is; undefined where nobody looks. */
  readonly progress?: ProgressOutput;
}

export const standardTerminal: Terminal = {
  print: console.log,
  warn: console.error,
  progress: process.stderr,
};
