import { setTimeout as sleep } from "node:timers/promises";

import { InputError } from "../../base/errors.ts";
import { formatDuration } from "../../base/formatDuration.ts";
import { codeOf, isTransient, lockTimeout, serverProblem } from "./serverProblem.ts";

export interface PatienceOptions {
  /** The server's address, without secrets. */
  readonly shown: string;
  /** How long a server that is away is waited for. */
  readonly seconds: number;
  readonly warn: (line: string) => void;
  readonly nowMs?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Between two tries, in ms: doubled from the first to the last. */
const [firstPauseMs, lastPauseMs] = [250, 10_000];

/** Waits for a server that is away for a while, and gives it up after that for good. */
export class Patience {
  readonly #options: PatienceOptions;
  #end: Error | undefined;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * Tries something until it succeeds.
   *
   * @throws {InputError} when the server stays away; each later call does so at once
   */
  async until<T>(work: () => Promise<T>): Promise<T> {
    const { seconds, warn, shown, nowMs = () => performance.now(), wait = sleep } = this.#options;
    let since: number | undefined;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
      if (this.#end) throw this.#end;
      try {
        const result = await work();
        if (since !== undefined) warn(`The journal ${shown} answers again`);
        return result;
      } catch (error) {
        if (codeOf(error) === lockTimeout()) continue; // it answers
        if (!isTransient(error)) throw serverProblem(error, shown);
        since ??= this.#begin(error, nowMs());
        if (nowMs() - since >= 1000 * seconds) throw this.#giveUp(error);
        await wait(pauseMs);
      }
    }
  }

  #begin(error: unknown, now: number): number {
    const { seconds, warn, shown } = this.#options;
    warn(
      `${serverProblem(error, shown).message}; trainings go on, and it is tried again for ${formatDuration(seconds)}`,
    );
    return now;
  }

  #giveUp(error: unknown): Error {
    const { seconds, shown } = this.#options;
    const { message } = serverProblem(error, shown);
    this.#end = new InputError(
      `${message}; it was away for ${formatDuration(seconds)}: running trials have saved their work, and the same command goes on with them`,
      { cause: error },
    );
    return this.#end;
  }
}
