import { AskedThread } from "../base/askedThread.ts";
import type { OpenedTokenizer } from "./loadTokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Longer texts are left to the thread: one of these takes some 5 ms, or 25 where it is a single word. */
export const mostCharactersAtOnce: number = 2 ** 13;

/**
 * Turns texts into tokens where others must not wait for it: long ones in a thread of its own, one after
 * the other, by the same code as short ones. A text cannot be cut instead: one word without an end may be
 * as long as any.
 */
export class BackgroundTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #thread: AskedThread<readonly string[], Int32Array>;

  constructor({ tokenizer, files }: OpenedTokenizer) {
    this.#tokenizer = tokenizer;
    this.#thread = new AskedThread("tokenizers/tokenizerThreadMain", { workerData: files });
  }

  /**
   * What `Tokenizer.textIds` gives of each piece, one after the other.
   *
   * @param signal of who asks: once it is aborted, a text whose turn has not come is left out
   * @throws the signal's reason
   */
  async textIds(pieces: readonly string[], signal?: AbortSignal): Promise<readonly number[]> {
    const characters = pieces.reduce((sum, { length }) => sum + length, 0);
    if (characters <= mostCharactersAtOnce) {
      return pieces.flatMap((piece) => this.#tokenizer.textIds(piece));
    }
    const ids = await this.#thread.ask(pieces, signal);
    return [...ids!]; // it may take as long as it takes
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#thread.close();
  }
}
