import type { HostArray } from "../runtime/session.ts";
import type { Entry } from "./entry.ts";

/** The runs of compiled functions, one after another, since these may share variables. */
export class RunQueue {
  /** Ends with the last of them. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Arrays that a run under way writes, or variables that it replaces. */
  #written: ReadonlySet<HostArray | Entry> = new Set();

  /** True when none runs or waits for its turn. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Ends when all have ended that wait now. */
  get settled(): Promise<unknown> {
    return this.#last;
  }

  enqueue<T>(job: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(job).finally(() => {
      this.#waiting--;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Keeps others from reading what is written until `run` is done. */
  async whileWriting(
    written: readonly (HostArray | Entry)[],
    run: () => Promise<void>,
  ): Promise<void> {
    this.#written = new Set(written);
    try {
      await run();
    } finally {
      this.#written = new Set();
    }
  }

  /** Whether a run writes anything now. */
  get writes(): boolean {
    return this.#written.size > 0;
  }

  /** Whether a run writes a tensor's values, or replaces it. */
  isWriting(entry: Entry): boolean {
    return this.#written.has(entry) || (!!entry.array && this.#written.has(entry.array));
  }
}
