#!/usr/bin/env -S node --import tsx
import { runProgram } from "./program.ts";
import { watchSignals } from "./signals.ts";
import { standardTerminal } from "./terminal.ts";

// The reader of a pipe may leave, as `head` does; a run goes on all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await runProgram({
  args: process.argv.slice(2),
  terminal: standardTerminal,
  watchSignals: (terminal = standardTerminal, sender) => watchSignals(terminal, sender),
});
