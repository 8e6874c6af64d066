import { sliceSegment, type CacheSegment } from "./cacheSegment.ts";
import type { DecodeEngine } from "./decodeEngine.ts";

/** A stretch of texts that begin alike, and how they go on. */
interface Node {
  tokens: readonly number[];
  segment: CacheSegment;
  /** By the first of their tokens. */
  readonly children: Map<number, Node>;
  parent: Node | undefined;
  lastUse: number;
}

export interface PrefixCacheReport {
  readonly bytes: number;
  readonly tokens: number;
  /** Texts whose beginning was there, and those where nothing was. */
  readonly hits: number;
  readonly misses: number;
  /** Tokens that were not computed again. */
  readonly reusedTokens: number;
  readonly evictedTokens: number;
}

/**
 * Keys and values of how texts began, shared between texts that begin alike: a tree of tokens. What
 * was not used for longest goes first, ends before beginnings.
 *
 * Source: Zheng et al. 2023, arXiv:2312.07104, section 3 (RadixAttention).
 */
export class PrefixCache {
  readonly #engine: DecodeEngine;
  readonly #maxBytes: number;
  readonly #roots = new Map<number, Node>();
  #bytes = 0;
  #tokens = 0;
  #clock = 0;
  #hits = 0;
  #misses = 0;
  #reused = 0;
  #evicted = 0;

  constructor(engine: DecodeEngine, { maxBytes }: { readonly maxBytes: number }) {
    if (!(maxBytes >= 0)) {
      throw new RangeError(`Cannot keep prefixes: expected maxBytes >= 0, got ${maxBytes}`);
    }
    this.#engine = engine;
    this.#maxBytes = maxBytes;
  }

  /**
   * Makes a row the longest known beginning of a text, which is all but its last token at most: so
   * there is something left whose logits can be computed.
   *
   * @param most tokens to restore. Default: all but the last
   * @returns how many tokens the row has then
   */
  async restore(
    row: number,
    tokens: readonly number[],
    most: number = tokens.length - 1,
  ): Promise<number> {
    const segments: CacheSegment[] = [];
    let found = 0;
    for (const { node, matched } of this.#path(tokens.slice(0, most))) {
      const isWhole = matched === node.tokens.length;
      segments.push(isWhole ? node.segment : sliceSegment(node.segment, 0, matched));
      found += matched;
    }
    await this.#engine.reset(row);
    if (found > 0) await this.#engine.append(row, segments);
    this.#hits += found > 0 ? 1 : 0;
    this.#misses += found > 0 ? 0 : 1;
    this.#reused += found;
    return found;
  }

  /**
   * Keeps what a row has of a text.
   *
   * @param tokens that the row begins with
   * @returns whether it was kept: not where a window has let go of tokens
   */
  async store(row: number, tokens: readonly number[]): Promise<boolean> {
    if (tokens.length > this.#engine.length(row)) {
      throw new RangeError(
        `Cannot keep ${tokens.length} tokens of row ${row}: it has ${this.#engine.length(row)}`,
      );
    }
    const known = this.#matched(tokens);
    if (known === tokens.length) return true;
    const segment = await this.#engine.read(row, known, tokens.length);
    if (!segment) return false;
    this.#insert(tokens, known, segment);
    this.#evict();
    return true;
  }

  clear(): void {
    this.#roots.clear();
    [this.#bytes, this.#tokens] = [0, 0];
  }

  report(): PrefixCacheReport {
    return {
      bytes: this.#bytes,
      tokens: this.#tokens,
      hits: this.#hits,
      misses: this.#misses,
      reusedTokens: this.#reused,
      evictedTokens: this.#evicted,
    };
  }

  /** Nodes that a text leads through, and how much of each. Marks them as used. */
  #path(tokens: readonly number[]): { node: Node; matched: number }[] {
    const path: { node: Node; matched: number }[] = [];
    let [children, done] = [this.#roots, 0];
    for (;;) {
      const node = done < tokens.length ? children.get(tokens[done]!) : undefined;
      if (!node) return path;
      const matched = matchedTokens(node.tokens, tokens, done);
      node.lastUse = ++this.#clock;
      path.push({ node, matched });
      if (matched < node.tokens.length) return path;
      done += matched;
      children = node.children;
    }
  }

  #matched(tokens: readonly number[]): number {
    return this.#path(tokens).reduce((sum, { matched }) => sum + matched, 0);
  }

  /** @param segment of the tokens from `known` on; others may have been added or gone meanwhile */
  #insert(tokens: readonly number[], known: number, segment: CacheSegment): void {
    const path = this.#path(tokens);
    const matched = path.reduce((sum, step) => sum + step.matched, 0);
    if (matched < known || matched === tokens.length) return;
    const last = path.at(-1);
    if (last && last.matched < last.node.tokens.length) this.#split(last.node, last.matched);
    const rest = matched > known ? sliceSegment(segment, matched - known) : segment;
    const siblings = last ? last.node.children : this.#roots;
    const added = tokens.slice(matched);
    siblings.set(added[0]!, {
      tokens: added,
      segment: rest,
      children: new Map(),
      parent: last?.node,
      lastUse: ++this.#clock,
    });
    this.#bytes += rest.bytes;
    this.#tokens += added.length;
  }

  /** Makes the end of a node a child of its beginning. */
  #split(node: Node, at: number): void {
    const tail: Node = {
      tokens: node.tokens.slice(at),
      segment: sliceSegment(node.segment, at),
      children: new Map(node.children),
      parent: node,
      lastUse: node.lastUse,
    };
    for (const child of tail.children.values()) child.parent = tail;
    node.children.clear();
    node.children.set(tail.tokens[0]!, tail);
    node.tokens = node.tokens.slice(0, at);
    node.segment = sliceSegment(node.segment, 0, at);
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const leaf = oldestLeaf(this.#roots);
      if (!leaf) return;
      (leaf.parent?.children ?? this.#roots).delete(leaf.tokens[0]!);
      this.#bytes -= leaf.segment.bytes;
      this.#tokens -= leaf.tokens.length;
      this.#evicted += leaf.tokens.length;
    }
  }
}

function matchedTokens(
  stretch: readonly number[],
  tokens: readonly number[],
  from: number,
): number {
  let matched = 0;
  while (matched < stretch.length && stretch[matched] === tokens[from + matched]) matched++;
  return matched;
}

function oldestLeaf(children: ReadonlyMap<number, Node>): Node | undefined {
  let oldest: Node | undefined;
  for (const node of children.values()) {
    const leaf = oldestLeaf(node.children) ?? node;
    if (!oldest || leaf.lastUse < oldest.lastUse) oldest = leaf;
  }
  return oldest;
}
