import { allocate, RuntimeValue, type HostArray } from "../runtime/session.ts";
import type { CacheType } from "./attentionNodes.ts";
import type { CacheScales } from "./cacheScales.ts";

export interface CacheArraysOptions {
  readonly rows: number;
  readonly kvHeads: number;
  readonly head_dim: number;
  readonly type: CacheType;
  /** Of its layers, for an int8 cache. */
  readonly scales?: CacheScales | undefined;
  /** Whether views begin within a row: the last one then needs room behind the last row. */
  readonly hasOffsets: boolean;
}

/** Keys and values of some tokens in one layer, each `[kvHeads, tokens, head_dim]`. */
export interface CachedTokens {
  readonly keys: HostArray;
  readonly values: HostArray;
}

/** Memory for the keys and values of some layers: `[rows, kvHeads, capacity, head_dim]` for each. */
export class CacheArrays {
  readonly #options: CacheArraysOptions;
  #layers: CachedTokens[];
  #capacity: number;
  readonly #whole = new Map<string, RuntimeValue[]>();

  constructor(layers: number, capacity: number, options: CacheArraysOptions) {
    this.#options = options;
    this.#capacity = capacity;
    this.#layers = Array.from({ length: layers }, () => this.#allocate(capacity));
  }

  get capacity(): number {
    return this.#capacity;
  }

  get bytes(): number {
    return this.#layers.reduce((sum, { keys }) => sum + 2 * keys.byteLength, 0);
  }

  /** Bytes of one token in all layers. */
  get tokenBytes(): number {
    const { kvHeads, head_dim, type } = this.#options;
    return 2 * this.#layers.length * kvHeads * head_dim * (type === "int8" ? 1 : 4);
  }

  /**
   * The memory of some rows as ONNX Runtime sees it, keys and values of each layer in turn.
   *
   * @param offset tokens of each head that are left out; nothing may be read or written where the
   *   capacity ends
   */
  views(firstRow: number, rows: number, offset: number): RuntimeValue[] {
    if (offset > 0) return this.#newViews(firstRow, rows, offset);
    const name = `${firstRow}+${rows}`;
    const known = this.#whole.get(name) ?? this.#newViews(firstRow, rows, 0);
    this.#whole.set(name, known);
    return known;
  }

  /** Copies of tokens of a row. */
  read(layer: number, row: number, from: number, tokens: number): CachedTokens {
    const { kvHeads, head_dim } = this.#options;
    const { keys, values } = this.#layers[layer]!;
    const copy = (array: HostArray): HostArray => {
      const copied = this.#newArray(kvHeads * tokens * head_dim);
      for (let head = 0; head < kvHeads; head++) {
        const at = this.#at(row, head, from);
        copied.set(array.subarray(at, at + tokens * head_dim), head * tokens * head_dim);
      }
      return copied;
    };
    return { keys: copy(keys), values: copy(values) };
  }

  /** Puts what {@link read} gave in a row. */
  write(layer: number, row: number, at: number, tokens: CachedTokens): void {
    const { kvHeads } = this.#options;
    const { keys, values } = this.#layers[layer]!;
    const stride = tokens.keys.length / kvHeads;
    for (let head = 0; head < kvHeads; head++) {
      const [start, to] = [head * stride, this.#at(row, head, at)];
      keys.set(tokens.keys.subarray(start, start + stride), to);
      values.set(tokens.values.subarray(start, start + stride), to);
    }
  }

  /** Moves tokens within a row, or to another; the two places may overlap. */
  move(fromRow: number, from: number, toRow: number, to: number, tokens: number): void {
    const { kvHeads, head_dim } = this.#options;
    for (const { keys, values } of this.#layers) {
      for (let head = 0; head < kvHeads; head++) {
        const start = this.#at(fromRow, head, from);
        const end = start + tokens * head_dim;
        keys.copyWithin(this.#at(toRow, head, to), start, end);
        values.copyWithin(this.#at(toRow, head, to), start, end);
      }
    }
  }

  /** Keys of a layer as floats, from what {@link read} gave. */
  floatKeys(layer: number, { keys }: CachedTokens): Float32Array {
    const scales = this.#options.scales?.[layer]?.keys;
    if (keys instanceof Float32Array || !scales) return Float32Array.from(keys);
    const codes = new Int8Array(keys.buffer, keys.byteOffset, keys.length);
    return Float32Array.from(codes, (code, i) => code * scales[this.#channel(i, keys.length)]!);
  }

  /** Keys as the cache holds them. */
  storedKeys(layer: number, keys: Float32Array): HostArray {
    const scales = this.#options.scales?.[layer]?.keys;
    if (!scales) return keys;
    const codes = Int8Array.from(keys, (key, i) => {
      const scale = scales[this.#channel(i, keys.length)]!;
      return scale === 0 ? 0 : Math.min(127, Math.max(-128, Math.round(key / scale)));
    });
    return new Uint8Array(codes.buffer);
  }

  /** Gives all rows another capacity. What they hold is kept as far as there is room. */
  resize(capacity: number): void {
    const { rows, kvHeads, head_dim } = this.#options;
    const [old, kept] = [this.#capacity, Math.min(this.#capacity, capacity)];
    // All of it before anything changes: there may be no memory for some.
    const layers = this.#layers.map(({ keys, values }) => {
      const grown = this.#allocate(capacity);
      for (let i = 0; i < rows * kvHeads; i++) {
        const [start, end] = [i * old * head_dim, (i * old + kept) * head_dim];
        grown.keys.set(keys.subarray(start, end), i * capacity * head_dim);
        grown.values.set(values.subarray(start, end), i * capacity * head_dim);
      }
      return grown;
    });
    this.#layers = layers;
    this.#capacity = capacity;
    this.#forgetViews();
  }

  dispose(): void {
    this.#forgetViews();
  }

  #newViews(firstRow: number, rows: number, offset: number): RuntimeValue[] {
    const { kvHeads, head_dim, type } = this.#options;
    const shape = [rows, kvHeads, this.#capacity, head_dim];
    const start = this.#at(firstRow, 0, offset);
    const length = rows * kvHeads * this.#capacity * head_dim;
    return this.#layers.flatMap(({ keys, values }) =>
      [keys, values].map(
        (array) => new RuntimeValue(array.subarray(start, start + length), type, shape),
      ),
    );
  }

  #forgetViews(): void {
    for (const views of this.#whole.values()) for (const view of views) view.dispose();
    this.#whole.clear();
  }

  /** Number of an element of `[kvHeads, tokens, head_dim]` among `[kvHeads, head_dim]`. */
  #channel(i: number, length: number): number {
    const { kvHeads, head_dim } = this.#options;
    return Math.floor(i / (length / kvHeads)) * head_dim + (i % head_dim);
  }

  #at(row: number, head: number, token: number): number {
    const { kvHeads, head_dim } = this.#options;
    return ((row * kvHeads + head) * this.#capacity + token) * head_dim;
  }

  #allocate(capacity: number): CachedTokens {
    const { rows, kvHeads, head_dim, hasOffsets } = this.#options;
    const length = (rows * kvHeads + (hasOffsets ? 1 : 0)) * capacity * head_dim;
    return { keys: this.#newArray(length), values: this.#newArray(length) };
  }

  #newArray(length: number): HostArray {
    return allocate(this.#options.type, length);
  }
}
