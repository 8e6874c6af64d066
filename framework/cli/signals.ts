import { constants } from "node:os";

import type { Terminal } from "./terminal.ts";

/** Signals that ask a run to stop. */
export interface SignalWatch {
  /** Aborted by the first SIGINT, SIGTERM or SIGUSR2. */
  readonly signal: AbortSignal;
  /**
   * 75 if whoever sent the signal is to start the work again, else 128 + the signal's number, as
   * shells report it; 1 if none has come.
   */
  exitCode(): number;
  /** Gives the signals back to whoever had them. */
  release(): void;
}

/** What asks a run to stop; launchers such as mpirun and Slurm can pass SIGUSR2 on to all workers. */
const names = ["SIGINT", "SIGTERM", "SIGUSR2"] as const;

/**
 * Who sends signals: somebody at a terminal, a program that has started this one, or a batch system
 * that starts the same command again, to which SIGTERM says no more than SIGUSR2.
 */
export type SignalSender = "user" | "launcher" | "queue";

/** The work is saved, and goes on when the process is started again. */
const savedExitCode = 75; // EX_TEMPFAIL

/** Signals that end with it. */
const savingSignals: Readonly<Record<SignalSender, readonly string[]>> = {
  user: ["SIGUSR2"],
  launcher: ["SIGUSR2"],
  queue: ["SIGUSR2", "SIGTERM"],
};

export interface SignalOptions {
  /** Milliseconds, only ever growing. */
  readonly clock?: () => number;
  readonly exit?: (code: number) => void;
}

/** Signals that come so soon after the first are the same one, which npx and tsx pass on as well. */
const echoMs = 1000;

/**
 * Turns the first signal into an abort, so that the work can save itself. Another one, after a second,
 * exits, but only a user's: batch systems send several, one after another.
 */
export function watchSignals(
  terminal: Terminal,
  sender: SignalSender = "user",
  { clock = () => performance.now(), exit = (code) => process.exit(code) }: SignalOptions = {},
): SignalWatch {
  const isUser = sender === "user";
  const controller = new AbortController();
  let exitCode = 1;
  let firstMs = 0;
  function receive(name: (typeof names)[number]): void {
    if (controller.signal.aborted) {
      if (isUser && clock() - firstMs >= echoMs) exit(exitCode);
      return;
    }
    firstMs = clock();
    const isSaving = savingSignals[sender].includes(name);
    exitCode = isSaving ? savedExitCode : 128 + constants.signals[name];
    const again = isUser ? "; send it again to stop at once" : "";
    terminal.warn(`\n${name}: stopping after the running step${again}`);
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
