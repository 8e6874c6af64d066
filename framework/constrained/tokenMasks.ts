import { RecentlyUsed } from "../base/recentlyUsed.ts";
import type { Expression, Expressions } from "./expressions.ts";
import type { TokenTrie } from "./tokenTrie.ts";

/** Which tokens may come next. */
export interface TokenMask {
  /** A bit for each token. */
  readonly bits: Uint32Array;
  /** How many there are. */
  readonly count: number;
  /** The least of them; -1 where there is none. */
  readonly first: number;
  /** Most bytes that are still needed after one of them. */
  readonly farthest: number;
}

/** Most memory for masks that are kept, in bytes. */
const mostBytes = 32 * 2 ** 20;

/** Masks of a vocabulary by what may follow, the most used of which are kept. */
export class TokenMasks {
  readonly #make: Expressions;
  readonly #trie: TokenTrie;
  readonly #known: RecentlyUsed<TokenMask, Expression>;

  constructor(make: Expressions, trie: TokenTrie) {
    this.#make = make;
    this.#trie = trie;
    this.#known = new RecentlyUsed(Math.max(16, Math.floor(mostBytes / (trie.size / 8))));
  }

  /**
   * Tokens after which what may follow can still end.
   *
   * @param room most bytes that may be needed after a token
   */
  of(state: Expression, room: number): TokenMask {
    let mask = this.#known.get(state);
    if (!mask) this.#known.set(state, (mask = this.#walk(state, Infinity)));
    return mask.farthest <= room ? mask : this.#walk(state, room);
  }

  #walk(start: Expression, room: number): TokenMask {
    const { size, bytes, depths, after, firstTokens, tokens, depth: deepest } = this.#trie;
    const make = this.#make;
    const bits = new Uint32Array(Math.ceil(size / 32));
    const states: Expression[] = Array.from({ length: deepest + 1 }, () => start);
    let [count, first, farthest] = [0, -1, 0];
    for (let node = 0; node < bytes.length;) {
      const depth = depths[node]!;
      const next = make.derivative(states[depth]!, bytes[node]!);
      if (next === make.never) {
        node = after[node]!;
        continue;
      }
      states[depth + 1] = next;
      const [from, to] = [firstTokens[node]!, firstTokens[node + 1]!];
      node++;
      if (from === to) continue;
      const needed = make.distance(next);
      if (needed > room) continue;
      farthest = Math.max(farthest, needed);
      for (let i = from; i < to; i++) {
        const token = tokens[i]!;
        bits[token >>> 5]! |= 1 << (token & 31);
        count++;
        if (first === -1 || token < first) first = token;
      }
    }
    return { bits, count, first, farthest };
  }
}

export const hasToken = ({ bits }: TokenMask, token: number): boolean =>
  ((bits[token >>> 5]! >>> (token & 31)) & 1) === 1;
