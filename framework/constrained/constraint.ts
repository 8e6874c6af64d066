import { expressionsWithCharacters } from "./characters.ts";
import { ConstraintError } from "./constraintError.ts";
import { ConstraintMemory } from "./constraintMemory.ts";
import type { Expression, Expressions } from "./expressions.ts";
import { TokenMasks } from "./tokenMasks.ts";
import type { TokenSet } from "./tokenSet.ts";
import type { ConstrainedVocabulary } from "./vocabulary.ts";

export interface ConstraintOptions {
  /** Of other constraints as well. Default: 32 MiB of its own. */
  readonly memory?: ConstraintMemory;
  /** Hears that there was no room for what was kept. */
  readonly forgotten?: () => void;
}

/**
 * Expressions that texts may add before the next text begins anew: values within values can be in
 * ever other ones, and what may follow is then another expression each time.
 */
const mostAdded = 50_000;

/** A form's expressions, and masks of those that texts have come to. */
interface Automaton {
  readonly make: Expressions;
  readonly masks: TokenMasks;
  /** All texts that may be said. */
  readonly start: Expression;
  /** Expressions before the first text. */
  readonly size: number;
}

/** What may be said, for texts of one vocabulary; many texts share it. */
export class Constraint {
  readonly #vocabulary: ConstrainedVocabulary;
  readonly #build: (make: Expressions) => Expression;
  readonly #memory: ConstraintMemory;
  readonly #forgotten: (() => void) | undefined;
  #automaton: Automaton;

  /**
   * @param build makes the expression of all texts that may be said; called again after many texts
   * @throws {ConstraintError} when there is none
   */
  constructor(
    vocabulary: ConstrainedVocabulary,
    build: (make: Expressions) => Expression,
    { memory = new ConstraintMemory(2 ** 25), forgotten }: ConstraintOptions = {},
  ) {
    this.#vocabulary = vocabulary;
    this.#build = build;
    this.#memory = memory;
    this.#forgotten = forgotten;
    this.#automaton = this.#made();
    this.#use();
  }

  /** Bytes of the shortest text, and so tokens that are always enough. */
  get shortest(): number {
    const { make, start } = this.#automaton;
    return make.distance(start);
  }

  /** A text that is begun. */
  begin(): ConstrainedText {
    const added = this.#automaton.make.size - this.#automaton.size;
    if (added > mostAdded) this.#automaton = this.#made();
    this.#use();
    const { make, masks, start } = this.#automaton;
    return new ConstrainedText(make, masks, this.#vocabulary, start);
  }

  /** Lets go of masks: texts that are under way make those again that they need. */
  forget(): void {
    this.#automaton.masks.forget();
    this.#forgotten?.();
  }

  #made(): Automaton {
    const make = expressionsWithCharacters();
    const masks = new TokenMasks(make, this.#vocabulary, () => this.#use());
    const start = withinStack(() => this.#build(make));
    if (withinStack(() => make.distance(start)) === Infinity) {
      throw new ConstraintError("there is no text that may be said");
    }
    make.complete();
    return { make, masks, start, size: make.size };
  }

  #use(): void {
    const { make, masks } = this.#automaton;
    this.#memory.use(this, make.sizeBytes + masks.bytes);
  }
}

/** @throws {ConstraintError} where what is asked for is nested so deeply that there is no stack left */
function withinStack<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError) || !cause.message.includes("call stack")) throw cause;
    throw new ConstraintError("it is too long, or nested too deeply");
  }
}

/** A text under a constraint, which does not change: each token gives another one. */
export class ConstrainedText {
  readonly #make: Expressions;
  readonly #masks: TokenMasks;
  readonly #vocabulary: ConstrainedVocabulary;
  readonly #state: Expression;

  constructor(
    make: Expressions,
    masks: TokenMasks,
    vocabulary: ConstrainedVocabulary,
    state: Expression,
  ) {
    this.#make = make;
    this.#masks = masks;
    this.#vocabulary = vocabulary;
    this.#state = state;
  }

  /** Whether it may end here. */
  get mayEnd(): boolean {
    return this.#state.isNullable;
  }

  /** Whether nothing may follow. */
  get isOver(): boolean {
    return this.#state === this.#make.empty || (this.mayEnd && this.allowed(Infinity).count === 0);
  }

  /** Tokens that are surely enough to end it. */
  get needed(): number {
    return this.#make.distance(this.#state);
  }

  /**
   * Tokens that may come next.
   *
   * @param left tokens that there is room for, that one included; the text can then be ended in them
   */
  allowed(left: number): TokenSet {
    return this.#masks.of(this.#state, left - 1);
  }

  /** @throws {RangeError} for a token that may not be there */
  add(token: number): ConstrainedText {
    let state = this.#state;
    for (const byte of this.#vocabulary.entries[token] ?? [])
      state = this.#make.derivative(state, byte);
    if (state !== this.#make.never && this.#vocabulary.entries[token]) {
      return new ConstrainedText(this.#make, this.#masks, this.#vocabulary, state);
    }
    throw new RangeError(`Cannot add token ${token} to a text that does not allow it`);
  }
}

export interface ConstraintProcessorOptions {
  readonly constraint: Constraint;
  /** Tokens before what is said. */
  readonly promptLength: number;
  /** Most tokens that are said, an end token not among them. */
  readonly maxNewTokens: number;
  /** Tokens that end a text. */
  readonly endTokens: readonly number[];
}

/**
 * Forbids tokens after which the text could not end as the constraint asks, within the tokens that
 * are left. For `generate`, whose `maxNewTokens` is one more for the end token.
 *
 * @throws {ConstraintError} when there is no room for the shortest text
 */
export function constraintProcessor(options: ConstraintProcessorOptions): {
  (logits: Float32Array, ids: ArrayLike<number>): void;
  /** Finds out which tokens may follow these, for when the logits are there. */
  readonly prepare: (ids: ArrayLike<number>) => void;
} {
  const { constraint, promptLength, maxNewTokens, endTokens } = options;
  if (constraint.shortest > maxNewTokens) {
    throw new ConstraintError(
      `expected room for at least ${constraint.shortest} tokens, which the shortest text may need, got ${maxNewTokens}`,
    );
  }
  const texts = [constraint.begin()];
  const said: number[] = [];
  /** The text of these tokens, and how many more there is room for. */
  const follow = (ids: ArrayLike<number>): { text: ConstrainedText; left: number } => {
    const count = ids.length - promptLength;
    let same = 0;
    while (same < Math.min(count, said.length) && said[same] === ids[promptLength + same]) same++;
    said.length = same;
    texts.length = same + 1;
    for (let i = same; i < count; i++) {
      const token = ids[promptLength + i]!;
      said.push(token);
      texts.push(texts.at(-1)!.add(token));
    }
    return { text: texts.at(-1)!, left: maxNewTokens - count };
  };
  const forbidOthers = (logits: Float32Array, ids: ArrayLike<number>): void => {
    const { text, left } = follow(ids);
    forbid(logits, text, left, endTokens);
  };
  const prepare = (ids: ArrayLike<number>): void => {
    const { text, left } = follow(ids);
    if (left > 0) text.allowed(left);
  };
  return Object.assign(forbidOthers, { prepare });
}

function forbid(
  logits: Float32Array,
  text: ConstrainedText,
  left: number,
  endTokens: readonly number[],
): void {
  const ends = text.mayEnd ? endTokens.map((token) => [token, logits[token]!] as const) : [];
  if (left > 0) text.allowed(left).forbidOthers(logits);
  else logits.fill(-Infinity);
  for (const [token, logit] of ends) logits[token] = logit;
}
