import { optionsOf, type Expression } from "./expression.ts";
import type { Expressions } from "./expressions.ts";
import { splitOf } from "./sharedHeads.ts";
import { TokenSet } from "./tokenSet.ts";
import { TokenWalk, type TokenGroup } from "./tokenWalk.ts";
import type { ConstrainedVocabulary } from "./vocabulary.ts";

/** Tokens that a state allows. */
interface Mask {
  readonly all: TokenSet;
  readonly groups: readonly TokenGroup[];
  /** Most bytes that are needed after one of them. */
  readonly farthest: number;
}

/** Of a mask beside its tokens, in bytes. */
const maskBytes = 200;

/** Tokens that may come next, by what may follow. */
export class TokenMasks {
  readonly #make: Expressions;
  readonly #vocabulary: ConstrainedVocabulary;
  readonly #known = new Map<Expression, Mask>();
  readonly #grew: () => void;
  #bytes = 0;

  /** @param grew hears of each mask that is kept */
  constructor(make: Expressions, vocabulary: ConstrainedVocabulary, grew: () => void) {
    this.#make = make;
    this.#vocabulary = vocabulary;
    this.#grew = grew;
  }

  /** Memory of what is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  forget(): void {
    this.#known.clear();
    this.#bytes = 0;
  }

  /**
   * Tokens after which what may follow can still end.
   *
   * @param room most bytes that may be needed after a token
   */
  of(state: Expression, room: number): TokenSet {
    const { all, groups, farthest } = this.#known.get(state) ?? this.#keep(state);
    if (farthest <= room) return all;
    return this.#union(groups.filter(({ needed }) => needed <= room));
  }

  #keep(state: Expression): Mask {
    const groups = this.#groupsOf(state);
    const all = this.#union(groups);
    const farthest = groups.reduce((most, { needed }) => Math.max(most, needed), 0);
    const mask = { all, groups, farthest };
    this.#known.set(state, mask);
    const sets = new Set([all, ...groups.map(({ tokens }) => tokens)]);
    this.#bytes += [...sets].reduce((sum, { bytes }) => sum + bytes, maskBytes);
    this.#grew();
    return mask;
  }

  #union(groups: readonly TokenGroup[]): TokenSet {
    const { size } = this.#vocabulary.trie;
    return TokenSet.union(
      groups.map(({ tokens }) => tokens),
      size,
    );
  }

  /** Tokens may be in several groups: what they need is the least of these. */
  #groupsOf(state: Expression): TokenGroup[] {
    const { trie, heads } = this.#vocabulary;
    const walk = new TokenWalk(this.#make, trie);
    const groups: TokenGroup[] = [];
    const options = optionsOf(state);
    const rest: Expression[] = [];
    for (const option of options) {
      const split = splitOf(option);
      const head = split && heads.of(split.parts);
      if (!head) {
        rest.push(option);
        continue;
      }
      const { tail = this.#make.empty } = split;
      const beyond = this.#make.distance(tail);
      for (const { needed, tokens } of head.groups)
        groups.push({ needed: needed + beyond, tokens });
      walk.after(head.exits, head.isNullable, tail);
    }
    if (rest.length > 0)
      walk.all(rest.length === options.length ? state : this.#make.choiceOf(rest));
    return [...groups, ...walk.groups()];
  }
}
