import type { GenerationTarget } from "../../../../framework/decode/generation/generation.ts";

/** A model of a few tokens: what follows depends on the last one alone. */
export class TinyModel implements GenerationTarget {
  readonly rows: number;
  readonly capacity: number = 64;
  readonly isRewindable: boolean = true;
  readonly #following: readonly (readonly number[])[];
  readonly #texts: number[][];
  /** Runs so far, and how many rows each had. */
  readonly runs: number[] = [];

  /** @param following for each token the probabilities of the next */
  constructor(following: readonly (readonly number[])[], rows = 1) {
    this.rows = rows;
    this.#following = following;
    this.#texts = Array.from({ length: rows }, () => []);
  }

  length(row: number): number {
    return this.#texts[row]!.length;
  }

  async feed(
    row: number,
    tokens: readonly number[],
    { logitsFrom = 0 }: { logitsFrom?: number } = {},
  ): Promise<Float32Array[]> {
    this.runs.push(1);
    this.#texts[row]!.push(...tokens);
    return tokens
      .slice(logitsFrom)
      .map((token) => Float32Array.from(this.#following[token]!, Math.log));
  }

  async step(given: readonly { row: number; token: number }[]): Promise<Float32Array[]> {
    const logits = await Promise.all(given.map(({ row, token }) => this.feed(row, [token])));
    this.runs.splice(-given.length, given.length, given.length);
    return logits.flat();
  }

  async truncate(row: number, length: number): Promise<void> {
    this.#texts[row]!.length = length;
  }

  async reset(row: number): Promise<void> {
    this.#texts[row] = [];
  }
}
