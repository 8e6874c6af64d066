import type { LogPoint, MetricsRow } from "./logger.ts";
import { likelyNames, rowOf } from "./metricsRow.ts";

const none: readonly string[] = [];

/**
 * Numbers on their way to one row. Of one name the latest number counts, at the place of the first.
 * Names mostly come as they came for a row before: then nothing is looked up.
 */
export class RowBuilder {
  /** Of a row before, as long as all that came agree with it. */
  #expected: readonly string[] = none;
  /** The numbers so far; what is behind `#count` is an earlier row's. */
  readonly #values: number[] = [];
  #count = 0;
  /** Where each name is, once they are others than expected. */
  #places: Map<string, number> | undefined;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  set(name: string, value: number): void {
    if (this.#count === 0) this.#expected = likelyNames(name);
    if (!this.#places && this.#expected[this.#count] === name) {
      this.#values[this.#count++] = value;
      return;
    }
    this.#places ??= new Map(this.#expected.slice(0, this.#count).map((each, i) => [each, i]));
    const place = this.#places.get(name) ?? this.#count++;
    this.#places.set(name, place);
    this.#values[place] = value;
  }

  /** The row, and begins anew. */
  take(point: LogPoint): MetricsRow {
    const isWhole = !this.#places && this.#count === this.#expected.length;
    const names = this.#places ? [...this.#places.keys()] : this.#expected.slice(0, this.#count);
    const row = rowOf(isWhole ? this.#expected : names, this.#values, point);
    this.#count = 0;
    this.#places = undefined;
    return row;
  }
}
