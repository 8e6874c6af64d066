/** Things that come one after the other, for one reader; it may stop before the end. */
export class TokenStream<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #isEnded = false;
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Whether nothing more is read: it has ended, or its reader has stopped. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Ends with an error, after what was pushed before it; a second one does not count. */
  fail(cause: unknown): void {
    if (this.#isEnded) return;
    this.#failure = { cause };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        while (this.#items.length > 0) yield this.#items.shift()!;
        if (this.#failure) throw this.#failure.cause;
        if (this.#isEnded) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#isEnded = true;
    }
  }
}
