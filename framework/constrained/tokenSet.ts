/** Of a set beside what its array holds. */
const objectBytes = 300;

/** Some tokens of a vocabulary: a list where they are few, else a bit for each token. */
export class TokenSet {
  /** In ascending order. */
  readonly #list: Uint32Array | undefined;
  readonly #bits: Uint32Array | undefined;
  readonly count: number;

  private constructor(list: Uint32Array | undefined, bits: Uint32Array | undefined, count: number) {
    this.#list = list;
    this.#bits = bits;
    this.count = count;
  }

  /** @param size tokens of the vocabulary */
  static of(tokens: readonly number[], size: number): TokenSet {
    const words = wordsOf(size);
    if (tokens.length <= words) {
      const list = Uint32Array.from(new Set(tokens)).sort();
      return new TokenSet(list, undefined, list.length);
    }
    const bits = new Uint32Array(words);
    for (const token of tokens) bits[token >>> 5]! |= 1 << (token & 31);
    return new TokenSet(undefined, bits, countOf(bits));
  }

  /** Tokens that are in any of some sets. */
  static union(sets: readonly TokenSet[], size: number): TokenSet {
    const filled = sets.filter(({ count }) => count > 0);
    if (filled.length === 1) return filled[0]!;
    const bits = new Uint32Array(wordsOf(size));
    for (const set of filled) set.#addTo(bits);
    const count = countOf(bits);
    if (count > bits.length) return new TokenSet(undefined, bits, count);
    return new TokenSet(listOf(bits, count), undefined, count);
  }

  /** Its memory. */
  get bytes(): number {
    return objectBytes + (this.#list ?? this.#bits)!.byteLength;
  }

  has(token: number): boolean {
    if (this.#bits) return ((this.#bits[token >>> 5]! >>> (token & 31)) & 1) === 1;
    return this.#list!.includes(token);
  }

  /** Makes all other logits minus infinity. */
  forbidOthers(logits: Float32Array): void {
    if (this.#bits) forbidOthersOfBits(logits, this.#bits);
    else forbidOthersOfList(logits, this.#list!);
  }

  #addTo(bits: Uint32Array): void {
    if (this.#bits) {
      for (let i = 0; i < bits.length; i++) bits[i]! |= this.#bits[i]!;
      return;
    }
    const list = this.#list!;
    for (let i = 0; i < list.length; i++) bits[list[i]! >>> 5]! |= 1 << (list[i]! & 31);
  }
}

const wordsOf = (size: number): number => Math.ceil(size / 32);

function forbidOthersOfList(logits: Float32Array, list: Uint32Array): void {
  const kept = new Float32Array(list.length);
  for (let i = 0; i < list.length; i++) kept[i] = logits[list[i]!]!;
  logits.fill(-Infinity);
  for (let i = 0; i < list.length; i++) logits[list[i]!] = kept[i]!;
}

/** Thirty-two at a time, most of which are forbidden or allowed together. */
function forbidOthersOfBits(logits: Float32Array, bits: Uint32Array): void {
  for (let i = 0, from = 0; from < logits.length; i++, from += 32) {
    const word = bits[i] ?? 0;
    if (word === 0xffffffff) continue;
    const end = Math.min(logits.length, from + 32);
    for (let token = from, rest = word; token < end; token++, rest >>>= 1) {
      if ((rest & 1) === 0) logits[token] = -Infinity;
    }
  }
}

function countOf(bits: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) {
    for (let rest = bits[i]!; rest !== 0; rest &= rest - 1) count++;
  }
  return count;
}

function listOf(bits: Uint32Array, count: number): Uint32Array {
  const list = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < bits.length; i++) {
    for (let rest = bits[i]!; rest !== 0; rest &= rest - 1) {
      list[at++] = 32 * i + 31 - Math.clz32(rest & -rest);
    }
  }
  return list;
}
