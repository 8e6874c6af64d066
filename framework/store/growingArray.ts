interface Kind<T> {
  make(length: number): T;
  part(values: T, from: number, to: number): T;
}

const float64: Kind<Float64Array> = {
  make: (length) => new Float64Array(length),
  part: (values, from, to) => values.subarray(from, to),
};
const uint32: Kind<Uint32Array> = {
  make: (length) => new Uint32Array(length),
  part: (values, from, to) => values.subarray(from, to),
};

/** Reads `count` of the numbers that lie in a file, from a place on. */
export type LoadPart<T> = (from: number, count: number) => T;

/** Numbers that become more, in one piece; those that lie in a file are read when they are wanted. */
export class GrowingArray<T extends Float64Array | Uint32Array> {
  readonly #kind: Kind<T>;
  #load: LoadPart<T> | undefined;
  #values: T | undefined;
  #length: number;

  private constructor(kind: Kind<T>, length: number, load: LoadPart<T> | undefined) {
    this.#kind = kind;
    this.#length = length;
    this.#load = load;
  }

  /** @param load of the first `length` numbers */
  static float64(length = 0, load?: LoadPart<Float64Array>): GrowingArray<Float64Array> {
    return new GrowingArray(float64, length, load);
  }

  /** @param load of the first `length` numbers */
  static uint32(length = 0, load?: LoadPart<Uint32Array>): GrowingArray<Uint32Array> {
    return new GrowingArray(uint32, length, load);
  }

  get length(): number {
    return this.#length;
  }

  /** Where the numbers lie in memory; undefined while they lie in the file alone. */
  get buffer(): ArrayBufferLike | undefined {
    return this.#values?.buffer;
  }

  push(value: number): void {
    let values = this.#loaded();
    if (this.#length === values.length) {
      const larger = this.#kind.make(Math.max(16, Math.ceil(this.#length * 1.5)));
      larger.set(values);
      this.#values = values = larger;
    }
    values[this.#length++] = value;
    this.#load = undefined;
  }

  /** What is there now; it does not change when more comes. */
  view(): T {
    const values = this.#loaded();
    return this.#length === values.length ? values : this.#kind.part(values, 0, this.#length);
  }

  /** Some of the numbers, read by themselves while they lie in the file alone. */
  part(from: number, count: number): T {
    if (!this.#values && this.#load) return this.#load(from, count);
    return this.#kind.part(this.#loaded(), from, from + count);
  }

  /** Drops what can be read again. */
  release(): void {
    if (this.#load) this.#values = undefined;
  }

  #loaded(): T {
    this.#values ??= this.#load?.(0, this.#length) ?? this.#kind.make(0);
    return this.#values;
  }
}
