import { InputError } from "../base/errors.ts";

/** Reads keys of a JSON object, each checked; errors name the file and the key. */
export class KeyReader {
  readonly #entries: ReadonlyMap<string, unknown>;
  readonly #source: string;

  /** @param source where the object comes from, for messages */
  constructor(entries: object, source: string) {
    this.#entries = new Map(Object.entries(entries));
    this.#source = source;
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Whether a key is there, and not null. */
  has(key: string): boolean {
    return (this.#entries.get(key) ?? null) !== null;
  }

  number(key: string, least: number, most: number, fallback: number, integer = false): number {
    const value = this.#entries.get(key) ?? fallback;
    const fits = typeof value === "number" && value >= least && value <= most;
    if (fits && (!integer || Number.isInteger(value))) return value;
    throw this.problem(key, `${integer ? "an integer" : "a number"} from ${least} to ${most}`);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#entries.get(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.problem(key, "true or false");
  }

  word<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.#entries.get(key) ?? fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.problem(key, words.map((word) => `"${word}"`).join(" or "));
  }

  /** A list of integers >= 0. */
  indices(key: string): number[] {
    const value = this.#entries.get(key) ?? [];
    const isIndex = (item: unknown): item is number => Number.isInteger(item) && Number(item) >= 0;
    if (Array.isArray(value) && value.every(isIndex)) return value;
    throw this.problem(key, "a list of integers from 0");
  }

  /** Accepts a key that we do not implement only where it asks for nothing. */
  refuse(key: string, neutral: unknown = false): void {
    const value = this.#entries.get(key) ?? neutral;
    if (value === neutral || value === false) return;
    throw this.problem(key, `null or ${String(neutral)}; anything else is not supported`);
  }

  problem(key: string, expected: string): InputError {
    const got = JSON.stringify(this.#entries.get(key));
    return this.error(`key "${key}": expected ${expected}, got ${got}`);
  }

  error(problem: string): InputError {
    return new InputError(`Cannot read ${this.#source}: ${problem}`);
  }
}
