import { blockBits, type ValueSummary } from "./blockExtremes.ts";
import type { GrowingArray } from "./growingArray.ts";

/** Values are read in pages of 16 kB. */
const pageBits = 11;
const pageSize = 1 << pageBits;

/** Values of a curve. Those that lie in a file are read when they are wanted. */
export class CurveValues {
  readonly length: number;
  readonly #column: Pick<GrowingArray<Float64Array>, "part" | "view">;
  readonly #readSummary: (() => ValueSummary) | undefined;
  #all: Float64Array | undefined;
  /** Parts of them, where not all were read. */
  readonly #pages = new Map<number, Float64Array>();
  #summary: ValueSummary | undefined;

  /**
   * @param column may become longer; what comes then is none of these values
   * @param readSummary gives what a file says of just these values
   */
  constructor(
    column: Pick<GrowingArray<Float64Array>, "part" | "view" | "length">,
    readSummary?: () => ValueSummary,
  ) {
    this.length = column.length;
    this.#column = column;
    this.#readSummary = readSummary;
  }

  static of(values: Float64Array): CurveValues {
    return new CurveValues({
      length: values.length,
      view: () => values,
      part: (from, count) => values.subarray(from, from + count),
    });
  }

  all(): Float64Array {
    if (this.#all) return this.#all;
    const view = this.#column.view();
    this.#all = view.length === this.length ? view : view.subarray(0, this.length);
    this.#pages.clear();
    return this.#all;
  }

  /** One of them, with its neighbours; first, last and extremes of blocks are known without. */
  at(place: number): number {
    if (this.#all) return this.#all[place]!;
    const summary = this.summary;
    if (!summary) return this.all()[place]!;
    const block = place >>> blockBits;
    if (summary.low(block) === place) return summary.least[block]!;
    if (summary.high(block) === place) return summary.greatest[block]!;
    if (place === 0) return summary.first!;
    if (place === this.length - 1) return summary.last!;
    return this.#page(place >>> pageBits)[place % pageSize]!;
  }

  #page(index: number): Float64Array {
    const known = this.#pages.get(index);
    if (known) return known;
    const from = index << pageBits;
    const page = this.#column.part(from, Math.min(pageSize, this.length - from));
    this.#pages.set(index, page);
    return page;
  }

  /** Undefined where it is not known before the values are. */
  get summary(): ValueSummary | undefined {
    return (this.#summary ??= this.#readSummary?.());
  }

  /** Where what was read lies in memory. */
  buffers(): ArrayBufferLike[] {
    const values = [...this.#pages.values(), ...(this.#all ? [this.#all] : [])];
    return [...values.map(({ buffer }) => buffer), ...(this.#summary?.buffers() ?? [])];
  }
}
