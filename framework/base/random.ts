/**
 * Counter-based random numbers: a stream is a pure function of (seed, stream name, step), so a
 * resumed run draws what the uninterrupted one would have drawn.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3" (Philox4x32-10).
 */
const multiplierA = 0xd2511f53;
const multiplierB = 0xcd9e8d57;
const weylA = 0x9e3779b9;
const weylB = 0xbb67ae85;
const rounds = 10;
const toUnit = 2 ** -32;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middleA = aHigh * bLow + (low >>> 16);
  const middleB = aLow * bHigh + (middleA & 0xffff);
  return (aHigh * bHigh + Math.floor(middleA / 65536) + Math.floor(middleB / 65536)) >>> 0;
}

/**
 * One Philox4x32-10 block: 128 counter bits and 64 key bits to 128 random bits.
 *
 * @param block where they are put
 */
export function philox(
  counter: Uint32Array,
  key: readonly [number, number],
  block: Uint32Array = new Uint32Array(4),
): Uint32Array {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!];
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplierA, c0);
    const low0 = Math.imul(multiplierA, c0) >>> 0;
    const high1 = multiplyHigh(multiplierB, c2);
    const low1 = Math.imul(multiplierB, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + weylA) >>> 0;
    k1 = (k1 + weylB) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
  return block;
}

/** 32-bit FNV-1a of a string's UTF-16 code units: turns a stream's name, or any text, into a key. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

/** Draws from one stream in order. Two instances with the same key draw the same numbers. */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #counter: Uint32Array;
  readonly #block: Uint32Array = new Uint32Array(4);
  #used = 4;
  #spareNormal: number | undefined;

  /**
   * @param seed integer in [0, 2^32)
   * @param stream what the numbers are for, such as `noise`
   * @param step which draw of the stream, an integer in [0, 2^53)
   */
  constructor(seed: number, stream: string, step = 0) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new RangeError(
        `Cannot seed a random stream: seed must be an integer in [0, 2^32), got ${seed}`,
      );
    }
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(
        `Cannot seed a random stream: step must be an integer >= 0, got ${step}`,
      );
    }
    this.#key = [seed, hash32(stream)];
    this.#counter = Uint32Array.of(0, 0, step >>> 0, Math.floor(step / 2 ** 32));
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    if (this.#used === 4) {
      philox(this.#counter, this.#key, this.#block);
      this.#counter[0]!++;
      if (this.#counter[0] === 0) this.#counter[1]!++;
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number {
    return this.uint32() * toUnit;
  }

  /** An integer in [0, limit); the bias is below limit / 2^32. */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** Standard normal, by Box and Muller's method. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) * toUnit));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `length` standard normals. */
  normals(length: number): Float32Array {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = this.normal();
    return values;
  }

  /** `length` uniforms in [0, 1). */
  uniforms(length: number): Float32Array {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = this.uniform();
    return values;
  }

  /** The integers 0..length-1 in random order (Fisher and Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
