import type { Expression } from "./expression.ts";
import type { Expressions } from "./expressions.ts";
import { TokenSet } from "./tokenSet.ts";
import type { TokenTrie } from "./tokenTrie.ts";

/** Tokens after which as many bytes are needed. */
export interface TokenGroup {
  readonly needed: number;
  readonly tokens: TokenSet;
}

/** Walks through a vocabulary's tree along what an expression allows, and gathers the tokens there. */
export class TokenWalk {
  readonly #make: Expressions;
  readonly #trie: TokenTrie;
  /** Of the way to a node, by depth. */
  readonly #states: Expression[] = [];
  readonly #tokens: number[] = [];
  readonly #needed: number[] = [];

  constructor(make: Expressions, trie: TokenTrie) {
    this.#make = make;
    this.#trie = trie;
  }

  /**
   * All tokens that a state allows.
   *
   * @param exits gets a bit for each node where what the state stands for may be over
   */
  all(state: Expression, exits?: Uint32Array): void {
    this.#states[0] = state;
    this.#walk(0, this.#trie.bytes.length, exits);
  }

  /**
   * Tokens that go on with a state where something before it may be over.
   *
   * @param exits those places; the beginning among them if `isAtStart`
   */
  after(exits: Uint32Array, isAtStart: boolean, state: Expression): void {
    const { nodesOfByte, firstOfByte, parents, depths, after } = this.#trie;
    for (let byte = 0; byte < 256; byte++) {
      if (this.#make.derivative(state, byte).kind === "never") continue;
      const end = firstOfByte[byte + 1]!;
      for (let i = firstOfByte[byte]!; i < end; i++) {
        const node = nodesOfByte[i]!;
        const depth = depths[node]!;
        const isThere = depth === 0 ? isAtStart : hasBit(exits, parents[node]!);
        if (!isThere) continue;
        this.#states[depth] = state;
        this.#walk(node, after[node]!);
      }
    }
  }

  #walk(from: number, to: number, exits?: Uint32Array): void {
    const { bytes, depths, after, firstTokens, tokens } = this.#trie;
    const make = this.#make;
    const states = this.#states;
    for (let node = from; node < to;) {
      const depth = depths[node]!;
      const next = make.derivative(states[depth]!, bytes[node]!);
      if (next === make.never) {
        node = after[node]!;
        continue;
      }
      states[depth + 1] = next;
      if (exits && next.isNullable) exits[node >>> 5]! |= 1 << (node & 31);
      const [first, end] = [firstTokens[node]!, firstTokens[node + 1]!];
      node++;
      if (first === end) continue;
      const needed = make.distance(next);
      for (let i = first; i < end; i++) {
        this.#tokens.push(tokens[i]!);
        this.#needed.push(needed);
      }
    }
  }

  /** What was found by now, by what is still needed, the least first. */
  groups(): TokenGroup[] {
    const byNeeded = new Map<number, number[]>();
    for (let i = 0; i < this.#tokens.length; i++) {
      const needed = this.#needed[i]!;
      const group = byNeeded.get(needed);
      if (group) group.push(this.#tokens[i]!);
      else byNeeded.set(needed, [this.#tokens[i]!]);
    }
    const { size } = this.#trie;
    return [...byNeeded]
      .map(([needed, tokens]) => ({ needed, tokens: TokenSet.of(tokens, size) }))
      .toSorted((a, b) => a.needed - b.needed);
  }
}

const hasBit = (bits: Uint32Array, at: number): boolean =>
  ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1;
