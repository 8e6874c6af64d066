import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";

import { startThread } from "../../base/bundle.ts";
import type { HostTensor } from "../../base/hostArray.ts";
import type { PreprocessorConfig } from "../../data/idefics3Sizes.ts";
import { damagedPicture } from "./pictureProblem.ts";
import type { PrepareAnswer, PrepareRequest } from "./pictureThreadMain.ts";

/**
 * Decodes pictures and makes frames of them, in a thread of its own, one picture at a time: a large one
 * takes a while, and answers go on meanwhile. The thread begins with the first picture.
 */
export class PicturePreparer {
  readonly #config: PreprocessorConfig;
  readonly #timeoutSeconds: number;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param config content of a `preprocessor_config.json`
   * @param timeoutSeconds for one picture. Default: 60
   */
  constructor(config: PreprocessorConfig, timeoutSeconds = 60) {
    this.#config = config;
    this.#timeoutSeconds = timeoutSeconds;
  }

  /**
   * @param split whether the picture is shown in tiles
   * @returns `[frames, 3, side, side]`
   * @throws {PictureProblem} when it cannot be decoded whole, or takes too long
   */
  async frames(bytes: Uint8Array, split: boolean): Promise<HostTensor> {
    const turn = this.#last.then(() => this.#prepare({ bytes, split }));
    this.#last = turn.catch(() => undefined);
    const answer = await turn;
    if ("message" in answer) throw damagedPicture(new Error(answer.message));
    return answer;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#last;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #prepare(request: PrepareRequest): Promise<PrepareAnswer> {
    const worker = this.#started();
    worker.ref();
    const listeners = new AbortController();
    const { signal } = listeners;
    try {
      worker.postMessage(request);
      const answer = await Promise.race([
        nextAnswer(worker, signal),
        delay(this.#timeoutSeconds * 1000, undefined, { signal }),
      ]);
      if (answer) return answer;
      this.#worker = undefined;
      await worker.terminate();
      return { message: `more than ${this.#timeoutSeconds} seconds` };
    } finally {
      listeners.abort();
      worker.unref(); // alone it keeps no process alive
    }
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startThread("serve/pictures/pictureThreadMain", { workerData: this.#config });
    worker.on("error", () => (this.#worker = undefined)); // whoever waits has it told
    this.#worker = worker;
    return worker;
  }
}

/** @throws what the thread dies of */
async function nextAnswer(worker: Worker, signal: AbortSignal): Promise<PrepareAnswer> {
  const [answer]: PrepareAnswer[] = await once(worker, "message", { signal });
  return answer!;
}
