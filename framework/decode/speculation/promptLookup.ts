export interface PromptLookupOptions {
  /** Longest run of last tokens that is looked for. Default: 3. */
  readonly longest?: number;
  /** Shortest one. Default: 1. */
  readonly shortest?: number;
}

/**
 * Guesses how a text goes on from what it said before: looks for its last tokens earlier in it,
 * and proposes what followed there, the longest and latest match first. Costs no model.
 *
 * Source: Saxena 2023, "Prompt lookup decoding"; Yang et al. 2023, arXiv:2304.04487.
 */
export class PromptLookup {
  readonly #tokens: number[] = [];
  readonly #longest: number;
  readonly #shortest: number;
  /** Where what follows a run of tokens begins, latest and the one before it. */
  readonly #after = new Map<string, { latest: number; before: number | undefined }>();

  constructor({ longest = 3, shortest = 1 }: PromptLookupOptions = {}) {
    if (
      !Number.isInteger(shortest) ||
      !Number.isInteger(longest) ||
      shortest < 1 ||
      longest < shortest
    ) {
      throw new RangeError(
        `Cannot look up prompts: expected runs of 1 or more tokens, got ${shortest} to ${longest}`,
      );
    }
    this.#longest = longest;
    this.#shortest = shortest;
  }

  append(tokens: Iterable<number>): void {
    for (const token of tokens) {
      this.#tokens.push(token);
      const end = this.#tokens.length;
      for (let length = this.#shortest; length <= Math.min(this.#longest, end); length++) {
        const key = this.#lastTokens(length);
        this.#after.set(key, { latest: end, before: this.#after.get(key)?.latest });
      }
    }
  }

  /** At most `count` tokens that may follow; none where the last ones are new. */
  propose(count: number): number[] {
    const end = this.#tokens.length;
    for (let length = Math.min(this.#longest, end); length >= this.#shortest; length--) {
      const start = this.#after.get(this.#lastTokens(length))?.before;
      if (start !== undefined) return this.#tokens.slice(start, start + count);
    }
    return [];
  }

  #lastTokens(length: number): string {
    return this.#tokens.slice(-length).join();
  }
}
