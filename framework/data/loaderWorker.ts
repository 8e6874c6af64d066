import type { Worker } from "node:worker_threads";

import { startThread } from "../base/bundle.ts";
import { receiveError } from "../base/sentError.ts";
import type { BatchAnswer, BatchMaker } from "./batchPool.ts";
import type { BatchRequest, LoaderMessage, LoaderSetup } from "./loaderMessages.ts";

/** A thread with a loader of its own, seen from outside. */
export class LoaderWorker implements BatchMaker {
  readonly #worker: Worker;
  #pending: { resolve(message: LoaderMessage): void; reject(error: Error): void } | undefined;
  #death: Error | undefined;

  /**
   * @param name what to call the thread in messages
   * @param onDeath told once, when the thread has ended for whatever reason
   */
  constructor(setup: LoaderSetup, name: string, onDeath: (error: Error) => void) {
    this.#worker = startThread("data/loaderThreadMain", { workerData: setup });
    const die = (error: Error): void => {
      if (this.#death) return;
      this.#death = error;
      this.#pending?.reject(error);
      onDeath(error);
    };
    this.#worker.on("message", (message: LoaderMessage) => this.#pending?.resolve(message));
    this.#worker.on("error", (cause) =>
      die(new Error(`${name} died: ${cause.message}`, { cause })),
    );
    this.#worker.on("exit", (code) => die(new Error(`${name} ended with code ${code}`)));
  }

  /** Waits until the thread has made its loader; gives the loader's length, if it knows it. */
  async start(): Promise<number | undefined> {
    const message = await this.#answer();
    if (message.kind === "ready") return message.length;
    throw unexpected(message);
  }

  async make(epoch: number, index: number): Promise<BatchAnswer> {
    const answer = this.#answer();
    this.#worker.postMessage({ epoch, index } satisfies BatchRequest);
    const message = await answer;
    if (message.kind === "batch" || message.kind === "end") return message;
    throw unexpected(message);
  }

  /** Whether the thread alone keeps the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#worker.ref();
    else this.#worker.unref();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The thread's next message. */
  #answer(): Promise<LoaderMessage> {
    if (this.#death) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
  }
}

function unexpected(message: LoaderMessage): Error {
  if (message.kind === "failed") return receiveError(message.error);
  return new Error(`expected another answer of the thread, got "${message.kind}"`);
}
