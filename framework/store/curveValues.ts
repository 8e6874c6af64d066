import { blockBits, type ValueSummary } from "./blockExtremes.ts";
import type { GrowingArray } from "./growingArray.ts";

/** Values of a curve. Those that lie in a file are read when they are wanted. */
export class CurveValues {
  readonly length: number;
  readonly #column: Pick<GrowingArray<Float64Array>, "view">;
  readonly #readSummary: (() => ValueSummary) | undefined;
  #all: Float64Array | undefined;
  #summary: ValueSummary | undefined;

  /**
   * @param column may become longer; what comes then is none of these values
   * @param readSummary gives what a file says of just these values
   */
  constructor(
    column: Pick<GrowingArray<Float64Array>, "view" | "length">,
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
    });
  }

  all(): Float64Array {
    if (this.#all) return this.#all;
    const view = this.#column.view();
    this.#all = view.length === this.length ? view : view.subarray(0, this.length);
    return this.#all;
  }

  /** One of them; first, last and extremes of blocks are known without the others. */
  at(place: number): number {
    if (this.#all) return this.#all[place]!;
    const summary = this.summary;
    if (!summary) return this.all()[place]!;
    const block = place >>> blockBits;
    if (summary.low[block] === place) return summary.least[block]!;
    if (summary.high[block] === place) return summary.greatest[block]!;
    if (place === 0) return summary.first!;
    return place === this.length - 1 ? summary.last! : this.all()[place]!;
  }

  /** Undefined where it is not known before the values are. */
  get summary(): ValueSummary | undefined {
    return (this.#summary ??= this.#readSummary?.());
  }

  /** Where what was read lies in memory. */
  buffers(): ArrayBufferLike[] {
    const { low, high, least } = this.#summary ?? {};
    return [this.#all, low, high, least].flatMap((each) => (each ? [each.buffer] : []));
  }
}
