/** A piece of text that is never merged with its neighbours, and how often it occurs. */
export interface CountedWord {
  /** Symbols, by id. */
  readonly symbols: readonly number[];
  readonly count: number;
}

export interface MergeOptions {
  /** The id of the first merge; the symbols' are below. */
  firstId: number;
  /** How many merges at most. */
  merges: number;
  /** A pair that occurs less often is not merged. */
  minimumCount: number;
}

/** Ids are below 2^20: two of them are one exact number. */
const idRange = 2 ** 20;

/**
 * Merges, again and again, the pair of neighbouring symbols that occurs most often; of equally
 * frequent pairs the one with the lower ids. Symbol `firstId + k` is what merge k makes.
 *
 * Source: Sennrich et al. 2016, arXiv:1508.07909, algorithm 1. Counts are kept up to date and the
 * best pair is taken from a heap whose outdated entries are put back with their present count, so a
 * merge costs no more than the words that it changes.
 *
 * @returns the pairs, in the order of the merges
 */
export function mergePairs(
  words: readonly CountedWord[],
  { firstId, merges, minimumCount }: MergeOptions,
): [left: number, right: number][] {
  const table = new PairTable(words);
  const made: [number, number][] = [];
  while (made.length < merges) {
    const pair = table.takeMostFrequent(minimumCount);
    if (pair === undefined) break;
    const left = Math.floor(pair / idRange);
    table.merge(pair, firstId + made.length);
    made.push([left, pair % idRange]);
  }
  return made;
}

/** How often each pair occurs, and in which words. */
class PairTable {
  readonly #words: Int32Array[];
  readonly #wordCounts: readonly number[];
  readonly #counts = new Map<number, number>();
  /** Words that may hold a pair; some may hold it no more. */
  readonly #wordsOf = new Map<number, number[]>();
  readonly #heap = new PairHeap();

  constructor(words: readonly CountedWord[]) {
    this.#words = words.map(({ symbols }) => Int32Array.from(symbols));
    this.#wordCounts = words.map(({ count }) => count);
    const fresh = new Set<number>();
    for (let word = 0; word < words.length; word++) this.#addPairs(word, fresh);
    for (const pair of fresh) this.#heap.push(pair, this.#counts.get(pair)!);
  }

  takeMostFrequent(minimumCount: number): number | undefined {
    for (let top = this.#heap.pop(); top; top = this.#heap.pop()) {
      const count = this.#counts.get(top.pair) ?? 0;
      if (count < minimumCount) continue;
      if (count === top.count) return top.pair;
      this.#heap.push(top.pair, count);
    }
    return undefined;
  }

  merge(pair: number, id: number): void {
    const changed = new Set<number>();
    const left = Math.floor(pair / idRange);
    for (const word of new Set(this.#wordsOf.get(pair))) {
      const merged = withPair(this.#words[word]!, left, pair % idRange, id);
      if (merged === undefined) continue;
      this.#removePairs(word);
      this.#words[word] = merged;
      this.#addPairs(word, changed, id);
    }
    this.#counts.delete(pair);
    this.#wordsOf.delete(pair);
    for (const each of changed) this.#heap.push(each, this.#counts.get(each)!);
  }

  /** @param withId counts all pairs, but reports only those that hold this symbol */
  #addPairs(word: number, fresh: Set<number>, withId?: number): void {
    const symbols = this.#words[word]!;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = symbols[i]! * idRange + symbols[i + 1]!;
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + this.#wordCounts[word]!);
      if (withId !== undefined && symbols[i] !== withId && symbols[i + 1] !== withId) continue;
      const places = this.#wordsOf.get(pair);
      if (places) places.push(word);
      else this.#wordsOf.set(pair, [word]);
      fresh.add(pair);
    }
  }

  #removePairs(word: number): void {
    const symbols = this.#words[word]!;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = symbols[i]! * idRange + symbols[i + 1]!;
      this.#counts.set(pair, this.#counts.get(pair)! - this.#wordCounts[word]!);
    }
  }
}

/** A word with every occurrence of a pair as one symbol, from its beginning; undefined without any. */
function withPair(
  symbols: Int32Array,
  left: number,
  right: number,
  id: number,
): Int32Array | undefined {
  const merged = new Int32Array(symbols.length);
  let length = 0;
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && i + 1 < symbols.length && symbols[i + 1] === right;
    merged[length++] = isPair ? id : symbols[i]!;
    if (isPair) i++;
  }
  return length === symbols.length ? undefined : merged.slice(0, length);
}

interface CountedPair {
  readonly pair: number;
  readonly count: number;
}

/** A binary heap: the highest count first, then the lowest pair. */
class PairHeap {
  readonly #entries: CountedPair[] = [];

  push(pair: number, count: number): void {
    const entries = this.#entries;
    const entry = { pair, count };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): CountedPair | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let at = 0;
    for (let child = 1; child < entries.length; child = 2 * at + 1) {
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
    return top;
  }
}

function isBefore(a: CountedPair, b: CountedPair): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}
