import { Constraint } from "./constraint.ts";
import { ConstraintMemory } from "./constraintMemory.ts";
import type { Expression, Expressions } from "./expressions.ts";
import type { ConstrainedVocabulary } from "./vocabulary.ts";

export interface ConstraintCacheOptions {
  /** Constraints that are kept. Default: 64. */
  readonly most?: number;
  /** Memory of all together, with their masks, in bytes. Default: 256 MiB. */
  readonly mostBytes?: number;
}

/** Constraints of one vocabulary, equal ones made once; the most recently used are kept. */
export class ConstraintCache {
  readonly #vocabulary: ConstrainedVocabulary;
  readonly #memory: ConstraintMemory;
  readonly #known = new Map<string, Constraint>();

  constructor(
    vocabulary: ConstrainedVocabulary,
    { most = 64, mostBytes = 2 ** 28 }: ConstraintCacheOptions = {},
  ) {
    this.#vocabulary = vocabulary;
    this.#memory = new ConstraintMemory(mostBytes, most);
  }

  /** What is kept takes so many bytes, and what is in use. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /**
   * @param key equal for what is built alike
   * @throws {ConstraintError} for what cannot be followed
   */
  get(key: string, build: (make: Expressions) => Expression): Constraint {
    const known = this.#known.get(key);
    if (known) return known;
    let made: Constraint | undefined;
    const forgotten = (): void => {
      if (this.#known.get(key) === made) this.#known.delete(key); // else it was made again since
    };
    made = new Constraint(this.#vocabulary, build, { memory: this.#memory, forgotten });
    this.#known.set(key, made);
    return made;
  }
}
