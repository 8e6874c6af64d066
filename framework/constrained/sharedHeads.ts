import { expressionsWithCharacters } from "./characters.ts";
import { ConstraintError } from "./constraintError.ts";
import type { Expression } from "./expression.ts";
import type { Expressions } from "./expressions.ts";
import type { TokenTrie } from "./tokenTrie.ts";
import { TokenWalk, type TokenGroup } from "./tokenWalk.ts";

/** What is known of how texts may begin, whatever comes after it. */
export interface Head {
  /** Tokens that stay in it, by what it still needs after them. */
  readonly groups: readonly TokenGroup[];
  /** A bit for each node of the tree of tokens: whether it may be over there. */
  readonly exits: Uint32Array;
  /** Whether it may be empty. */
  readonly isNullable: boolean;
}

/** Where a state is divided: what comes first, and what after it. */
export interface Split {
  readonly parts: readonly Expression[];
  /** Undefined where nothing does. */
  readonly tail: Expression | undefined;
}

/** Of a head beside its tokens and exits. */
const headBytes = 500;

/** Most parts of an expression that is shared: larger ones are hardly met again. */
const mostParts = 2000;

/** Most expressions before one that takes long to walk through, such as the bytes of a character. */
const mostBefore = 3;

/**
 * Divides a state behind what many tokens may be in: characters of a string, a number. Many forms
 * have the same there, and differ in what comes after.
 */
export function splitOf(state: Expression): Split | undefined {
  const parts: Expression[] = [];
  for (let rest = state; parts.length <= mostBefore; rest = rest.tail) {
    const first = rest.kind === "sequence" ? rest.head : rest;
    parts.push(first);
    if (isLong(first)) return { parts, tail: rest.kind === "sequence" ? rest.tail : undefined };
    const mayGoOn = first.kind === "bytes" || first.kind === "choice";
    if (rest.kind !== "sequence" || !mayGoOn) return undefined;
  }
  return undefined;
}

const isLong = ({ kind }: Expression): boolean =>
  kind === "repeat" || kind === "machine" || kind === "intersection";

function completeExpressions(): Expressions {
  const make = expressionsWithCharacters();
  make.complete();
  return make;
}

export interface SharedHeadsOptions {
  /** Memory of heads and their expressions after which all are forgotten. Default: 32 MiB. */
  readonly mostBytes?: number;
}

/** Heads of all constraints of a vocabulary, each walked through once. */
export class SharedHeads {
  readonly #trie: TokenTrie;
  readonly #mostBytes: number;
  #make = completeExpressions();
  #known = new Map<Expression, Head>();
  #headBytes = 0;
  /** Expressions of constraints as those of here; null where they are not shared. */
  #shared = new WeakMap<Expression, Expression | null>();

  constructor(trie: TokenTrie, { mostBytes = 2 ** 25 }: SharedHeadsOptions = {}) {
    this.#trie = trie;
    this.#mostBytes = mostBytes;
  }

  /** Memory of what is kept. */
  get bytes(): number {
    return this.#make.sizeBytes + this.#headBytes;
  }

  /** Undefined where they use rules, or are too large. */
  of(parts: readonly Expression[]): Head | undefined {
    if (this.bytes > this.#mostBytes) this.#forget();
    try {
      const start = this.#startOf(parts);
      return start && this.#headOf(start);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      this.#forget(); // full: whoever asked finds out on its own whether that is too much
      return undefined;
    }
  }

  #forget(): void {
    this.#make = completeExpressions();
    this.#known = new Map();
    this.#headBytes = 0;
    this.#shared = new WeakMap();
  }

  #headOf(start: Expression): Head {
    const known = this.#known.get(start);
    if (known) return known;
    const exits = new Uint32Array(Math.ceil(this.#trie.bytes.length / 32));
    const walk = new TokenWalk(this.#make, this.#trie);
    walk.all(start, exits);
    const groups = walk.groups();
    const head = { groups, exits, isNullable: start.isNullable };
    this.#known.set(start, head);
    const setBytes = groups.reduce((sum, { tokens }) => sum + tokens.bytes, exits.byteLength);
    this.#headBytes += headBytes + setBytes;
    return head;
  }

  #startOf(parts: readonly Expression[]): Expression | undefined {
    const own: Expression[] = [];
    for (const [i, part] of parts.entries()) {
      const shared = i === parts.length - 1 ? this.#last(part) : this.#share(part);
      if (!shared) return undefined;
      own.push(shared);
    }
    return this.#make.sequence(...own);
  }

  /** How often a last part is repeated is all one where no token is as long. */
  #last(part: Expression): Expression | undefined {
    if (part.kind !== "repeat") return this.#share(part);
    const item = this.#share(part.item);
    const most = Math.min(part.most, Math.max(part.least, this.#trie.depth));
    return item && this.#make.repeat(item, part.least, most);
  }

  #share(expression: Expression): Expression | undefined {
    const known = this.#shared.get(expression);
    if (known !== undefined) return known ?? undefined;
    const room = { left: mostParts };
    const made = this.#copy(expression, room);
    if (!made) this.#shared.set(expression, null);
    return made;
  }

  #copy(expression: Expression, room: { left: number }): Expression | undefined {
    const known = this.#shared.get(expression);
    if (known !== undefined) return known ?? undefined;
    if (room.left-- <= 0) return undefined;
    const made = this.#copied(expression, room);
    if (made) this.#shared.set(expression, made);
    return made;
  }

  #copied(expression: Expression, room: { left: number }): Expression | undefined {
    const make = this.#make;
    switch (expression.kind) {
      case "never":
        return make.never;
      case "empty":
        return make.empty;
      case "bytes":
        return make.bytes(expression.ranges);
      case "sequence": {
        const tail = this.#copy(expression.tail, room);
        const head = tail && this.#copy(expression.head, room);
        return head && make.sequence(head, tail);
      }
      case "choice": {
        const options: Expression[] = [];
        for (const each of expression.options) {
          const option = this.#copy(each, room);
          if (!option) return undefined;
          options.push(option);
        }
        return make.choiceOf(options);
      }
      case "intersection": {
        const a = this.#copy(expression.a, room);
        const b = a && this.#copy(expression.b, room);
        return b && make.intersection(a, b);
      }
      case "repeat": {
        const item = this.#copy(expression.item, room);
        return item && make.repeat(item, expression.least, expression.most);
      }
      case "machine":
        return make.machine(expression.machine, expression.state);
      case "rule":
        return undefined;
      default:
        return expression satisfies never;
    }
  }
}
