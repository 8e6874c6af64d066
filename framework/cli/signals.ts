import { constants } from "node:os";

import type { Terminal } from "./terminal.ts";

/** Signals that ask a run to stop. */
export interface SignalWatch {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal that came, as shells report it. */
  exitCode(): number;
  /** Gives the signals back to whoever had them. */
  release(): void;
}

/** Turns the first signal into an abort, so that the work can save itself; a second one exits. */
export function watchSignals(terminal: Terminal): SignalWatch {
  const controller = new AbortController();
  let exitCode = 128 + constants.signals.SIGINT;
  function receive(name: "SIGINT" | "SIGTERM"): void {
    if (controller.signal.aborted) process.exit(exitCode);
    exitCode = 128 + constants.signals[name];
    terminal.warn(`\n${name}: stopping after the running step; send it again to stop at once`);
    controller.abort();
  }
  process.on("SIGINT", receive);
  process.on("SIGTERM", receive);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release() {
      process.off("SIGINT", receive);
      process.off("SIGTERM", receive);
    },
  };
}
