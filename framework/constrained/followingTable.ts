import { differentBytes } from "./differentBytes.ts";
import type { Expression, InRule } from "./expression.ts";

/** What may follow an expression's first byte, as far as it was asked for. */
export interface Following {
  /** Of each byte: bytes of one kind are followed by the same. */
  readonly kinds: Uint8Array;
  readonly afterKind: (Expression | undefined)[];
}

/** What may follow the first bytes of expressions, by their ids from `start` on. */
export class FollowingTable {
  readonly #start: number;
  readonly #inRule: InRule;
  readonly #known: (Following | undefined)[] = [];
  /** Many expressions tell bytes apart alike. */
  readonly #kinds = new Map<string, Uint8Array>();

  constructor(start: number, inRule: InRule) {
    this.#start = start;
    this.#inRule = inRule;
  }

  of(expression: Expression): Following {
    return (this.#known[expression.id - this.#start] ??= this.#made(expression));
  }

  /** Nothing is known yet but which bytes are followed by the same. */
  #made(expression: Expression): Following {
    const starts = differentBytes(expression, this.#inRule);
    const key = String.fromCharCode(...starts);
    let kinds = this.#kinds.get(key);
    if (!kinds) {
      kinds = new Uint8Array(256);
      for (const [kind, start] of starts.entries()) kinds.fill(kind, start);
      this.#kinds.set(key, kinds);
    }
    return { kinds, afterKind: [] };
  }
}
