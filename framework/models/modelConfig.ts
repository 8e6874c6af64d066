import { shown } from "../base/shown.ts";

const mostLayers = 10_000;

/**
 * Reads the keys of a model's `config.json`, with messages that name the model and the key.
 * Every value comes back with the published key and meaning.
 */
export class ModelConfigReader {
  readonly #model: string;
  readonly #entries: ReadonlyMap<string, unknown>;

  /** @param config the parsed `config.json` */
  constructor(model: string, config: unknown) {
    if (typeof config !== "object" || config === null || Array.isArray(config)) {
      throw new TypeError(`Cannot build ${model}: expected a config object, got ${show(config)}`);
    }
    this.#model = model;
    this.#entries = new Map(Object.entries(config));
  }

  /** Whether the key is there and not null. */
  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  /** Whether the key is there, be it null. */
  mentions(key: string): boolean {
    return this.#entries.has(key);
  }

  /** An integer >= `least`. */
  integer(key: string, fallback?: number, least = 1): number {
    const value = this.#value(key, fallback);
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    throw this.problem(key, `an integer >= ${least}`);
  }

  /** How many layers: of more than that nobody has a model, and a list of them takes all memory. */
  layers(key: string): number {
    const value = this.integer(key);
    if (value <= mostLayers) return value;
    throw this.problem(key, `at most ${mostLayers} layers`);
  }

  number(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.problem(key, "a number");
  }

  boolean(key: string, fallback?: boolean): boolean {
    const value = this.#value(key, fallback);
    if (typeof value === "boolean") return value;
    throw this.problem(key, "true or false");
  }

  /** At least one integer >= 1. */
  integers(key: string): number[] {
    const value = this.#value(key);
    if (isIntegers(value) && value.length > 0) return value;
    throw this.problem(key, "a list of integers >= 1");
  }

  /** One integer for all levels, or a list with one for each. */
  integerPerLevel(key: string, levels: number, fallback?: number): number[] {
    const value = this.#value(key, fallback);
    if (isIntegers([value])) return Array.from({ length: levels }, () => Number(value));
    if (isIntegers(value) && value.length === levels) return value;
    throw this.problem(key, `an integer >= 1, or a list of ${levels}`);
  }

  word<Word extends string>(key: string, words: readonly Word[], fallback?: Word): Word {
    const value = this.#value(key, fallback);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.problem(key, oneOf(words));
  }

  /** A list of `length` words. */
  words<Word extends string>(key: string, words: readonly Word[], length: number): Word[] {
    const value = this.#value(key);
    if (Array.isArray(value) && value.length === length) {
      const found = value.flatMap((item: unknown) => words.filter((word) => word === item));
      if (found.length === length) return found;
    }
    throw this.problem(key, `a list of ${length}, each ${oneOf(words)}`);
  }

  /** A reader of the object under the key; `undefined` where there is none, or null. */
  section(key: string): ModelConfigReader | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw this.problem(key, "an object");
    return new ModelConfigReader(`${this.#model} ${key}`, value);
  }

  /** Accepts a key we do not implement only where it asks for nothing: absent, null, or `values`. */
  unsupported(key: string, ...values: readonly (string | number | boolean)[]): void {
    const value = this.#entries.get(key);
    if (value === undefined || value === null || values.some((allowed) => allowed === value))
      return;
    throw this.problem(key, `${oneOf([...values, null])}; anything else is not supported`);
  }

  #value(key: string, fallback?: unknown): unknown {
    return this.#entries.get(key) ?? fallback;
  }

  /** The error for a value that does not fit. */
  problem(key: string, expected: string): RangeError {
    const got = show(this.#entries.get(key));
    return new RangeError(
      `Cannot build ${this.#model}: config key "${key}": expected ${expected}, got ${got}`,
    );
  }
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 1);
}

function oneOf(values: readonly (string | number | boolean | null)[]): string {
  return values.map(show).join(" or ");
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : shown(value);
}
