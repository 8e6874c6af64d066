#!/usr/bin/env -S node --import tsx
import { runProgram } from "./program.ts";
import { watchSignals } from "./signals.ts";
import { standardTerminal } from "./terminal.ts";

process.exitCode = await runProgram({
  args: process.argv.slice(2),
  terminal: standardTerminal,
  watchSignals: () => watchSignals(standardTerminal),
});
