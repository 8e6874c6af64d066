import type { Worker } from "node:worker_threads";

import { startThread } from "../base/bundle.ts";
import { receiveError, type SentError } from "../base/sentError.ts";
import type { CheckpointJob } from "./checkpointJob.ts";

/** What the thread is asked for. */
export type WriterRequest =
  | { readonly kind: "write"; readonly job: CheckpointJob }
  | { readonly kind: "take"; readonly buffers: readonly SharedArrayBuffer[] };

/** What it answers to each request, in their order. */
export interface WriterAnswer {
  readonly error?: SentError;
}

/** A thread that writes checkpoints while training goes on. */
export class CheckpointWriter {
  #thread: Worker | undefined;
  /** Of the requests that have no answer yet. */
  readonly #waiting: ((error: Error | undefined) => void)[] = [];
  #death: Error | undefined;

  /**
   * Begins to write. Memory that tensors share with the thread must not change until it has ended.
   *
   * @returns what went wrong, if something did, once all is durable
   */
  write(job: CheckpointJob): Promise<Error | undefined> {
    return this.#ask({ kind: "write", job });
  }

  /** Lets the system give memory of which nothing was written yet. */
  async takeMemory(buffers: readonly SharedArrayBuffer[]): Promise<void> {
    await this.#ask({ kind: "take", buffers });
  }

  async #ask(request: WriterRequest): Promise<Error | undefined> {
    this.#thread ??= this.#start();
    if (this.#death) return this.#death;
    try {
      this.#thread.postMessage(request);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
    this.#thread.ref();
    const error = await new Promise<Error | undefined>((resolve) => this.#waiting.push(resolve));
    if (this.#waiting.length === 0) this.#thread.unref();
    return error;
  }

  #start(): Worker {
    const thread = startThread("training/checkpointThreadMain");
    thread.on("message", ({ error }: WriterAnswer) =>
      this.#waiting.shift()?.(error && receiveError(error)),
    );
    const die = (death: Error): void => {
      this.#death ??= death;
      for (const resolve of this.#waiting.splice(0)) resolve(this.#death);
    };
    thread.on("error", (cause) => {
      die(new Error(`Cannot write checkpoints: the thread died: ${cause.message}`, { cause }));
    });
    thread.on("exit", () => die(new Error("Cannot write checkpoints: the thread has ended")));
    return thread;
  }

  /** What is being written is lost. */
  dispose(): void {
    void this.#thread?.terminate();
  }
}
