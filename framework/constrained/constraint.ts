import { ConstraintError } from "./constraintError.ts";
import { ConstraintMemory } from "./constraintMemory.ts";
import { Expressions, type Expression } from "./expressions.ts";
import { TokenMasks } from "./tokenMasks.ts";
import type { TokenSet } from "./tokenSet.ts";
import type { ConstrainedVocabulary } from "./vocabulary.ts";

export interface ConstraintOptions {
  /** Of other constraints as well. Default: 32 MiB of its own. */
  readonly memory?: ConstraintMemory;
  /** Hears that there was no room for what was kept. */
  readonly forgotten?: () => void;
}

/** Of an expression with all that is known of it, in bytes. */
const expressionBytes = 250;

/** What may be said, for texts of one vocabulary; many texts share it. */
export class Constraint {
  readonly #make: Expressions;
  readonly #vocabulary: ConstrainedVocabulary;
  readonly #masks: TokenMasks;
  readonly #start: Expression;
  readonly #memory: ConstraintMemory;
  readonly #forgotten: (() => void) | undefined;

  /**
   * @param build makes the expression of all texts that may be said
   * @throws {ConstraintError} when there is none
   */
  constructor(
    vocabulary: ConstrainedVocabulary,
    build: (make: Expressions) => Expression,
    { memory = new ConstraintMemory(2 ** 25), forgotten }: ConstraintOptions = {},
  ) {
    this.#make = new Expressions();
    this.#vocabulary = vocabulary;
    this.#memory = memory;
    this.#forgotten = forgotten;
    this.#masks = new TokenMasks(this.#make, vocabulary, () => this.#use());
    this.#start = withinStack(() => build(this.#make));
    if (withinStack(() => this.shortest) === Infinity) {
      throw new ConstraintError("there is no text that may be said");
    }
    this.#make.complete();
    this.#use();
  }

  /** Bytes of the shortest text, and so tokens that are always enough. */
  get shortest(): number {
    return this.#make.distance(this.#start);
  }

  /** A text that is begun. */
  begin(): ConstrainedText {
    this.#use();
    return new ConstrainedText(this.#make, this.#masks, this.#vocabulary, this.#start);
  }

  /** Lets go of masks: texts that are under way make those again that they need. */
  forget(): void {
    this.#masks.forget();
    this.#forgotten?.();
  }

  #use(): void {
    this.#memory.use(this, this.#make.size * expressionBytes + this.#masks.bytes);
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
export function constraintProcessor(
  options: ConstraintProcessorOptions,
): (logits: Float32Array, ids: ArrayLike<number>) => void {
  const { constraint, promptLength, maxNewTokens, endTokens } = options;
  if (constraint.shortest > maxNewTokens) {
    throw new ConstraintError(
      `expected room for at least ${constraint.shortest} tokens, which the shortest text may need, got ${maxNewTokens}`,
    );
  }
  const texts = [constraint.begin()];
  const said: number[] = [];
  return (logits, ids) => {
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
    forbid(logits, texts.at(-1)!, maxNewTokens - count, endTokens);
  };
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
