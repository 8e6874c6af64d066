import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";

import { startThread } from "./bundle.ts";

export interface AskedThreadOptions {
  /** What the thread finds as its `workerData`. */
  readonly workerData: unknown;
  /** For one request. Default: as long as it takes. */
  readonly timeoutSeconds?: number;
}

/**
 * A thread that answers each message with one, in their order: long work is done there, and this one
 * goes on meanwhile. It begins with the first request, and again after one that it died of; alone it
 * keeps no process alive.
 */
export class AskedThread<Request, Answer extends object> {
  readonly #entry: string;
  readonly #options: AskedThreadOptions;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param entry one of the bundle's, as `startThread` has it */
  constructor(entry: string, options: AskedThreadOptions) {
    this.#entry = entry;
    this.#options = options;
  }

  /**
   * @param signal of who asks: once it is aborted, a request whose turn has not come is left out
   * @returns undefined where it took too long
   * @throws what the thread dies of, or the signal's reason; once it is closed, a RangeError
   */
  async ask(request: Request, signal?: AbortSignal): Promise<Answer | undefined> {
    if (this.#isClosed) throw new RangeError("Cannot ask a thread: it is closed");
    const turn = this.#last.then(() => {
      signal?.throwIfAborted();
      return this.#ask(request);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Takes no more requests, and waits for those that are there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(request: Request): Promise<Answer | undefined> {
    const worker = this.#started();
    worker.ref();
    const listeners = new AbortController();
    const { signal } = listeners;
    const { timeoutSeconds } = this.#options;
    try {
      worker.postMessage(request);
      const answer = nextAnswer<Answer>(worker, signal);
      const found =
        timeoutSeconds === undefined
          ? await answer
          : await Promise.race([answer, delay(timeoutSeconds * 1000, undefined, { signal })]);
      if (found !== undefined) return found;
      this.#worker = undefined;
      await worker.terminate();
      return undefined;
    } finally {
      listeners.abort();
      worker.unref();
    }
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const { workerData } = this.#options;
    const worker = startThread(this.#entry, { workerData });
    worker.on("error", () => {
      if (this.#worker === worker) this.#worker = undefined; // whoever waits has it told
    });
    this.#worker = worker;
    return worker;
  }
}

/** @throws what the thread dies of */
async function nextAnswer<Answer>(worker: Worker, signal: AbortSignal): Promise<Answer> {
  const [answer]: Answer[] = await once(worker, "message", { signal });
  return answer!;
}
