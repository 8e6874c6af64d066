import { constants } from "node:os";

import type { Terminal } from "./terminal.ts";

/** Signals that ask a run to stop. */
export interface SignalWatch {
  /** Aborted by the first SIGINT, SIGTERM or SIGUSR2. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal that came, as shells report it. */
  exitCode(): number;
  /** Gives the signals back to whoever had them. */
  release(): void;
}

/** What asks a run to stop; launchers such as mpirun and Slurm can pass SIGUSR2 on to all workers. */
const names = ["SIGINT", "SIGTERM", "SIGUSR2"] as const;

/** Turns the first signal into an abort, so that the work can save itself; a second one exits. */
export function watchSignals(terminal: Terminal): SignalWatch {
  const controller = new AbortController();
  let exitCode = 128 + constants.signals.SIGINT;
  function receive(name: (typeof names)[number]): void {
    if (controller.signal.aborted) process.exit(exitCode);
    exitCode = 128 + constants.signals[name];
    terminal.warn(`\n${name}: stopping after the running step; send it again to stop at once`);
    controller.abort();
  }
  for (const name of names) process.on(name, receive);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release() {
      for (const name of names) process.off(name, receive);
    },
  };
}
