import type { LogPoint, MetricsRow } from "../logger.ts";

/** A number, or anything else as W&B's JSON. */
export type WandbValue = number | string;

/** All that was logged at one step. */
export interface WandbRow {
  readonly point: LogPoint;
  /** What came first, where that was numbers and nothing came after them. */
  numbers: MetricsRow | undefined;
  /** All else. */
  values: Map<string, WandbValue>;
  /** What the SDK can send: all but pictures. */
  plain: Map<string, unknown>;
}

/** Puts more numbers into a row; the last of a name counts. */
export function putNumbers(row: WandbRow, numbers: MetricsRow): void {
  if (!row.numbers && row.values.size === 0) row.numbers = numbers;
  else for (const [i, name] of numbers.names.entries()) putValue(row, name, numbers.values[i]!);
}

export function putValue(row: WandbRow, key: string, value: WandbValue): void {
  const { numbers, values } = row;
  row.numbers = undefined;
  if (numbers)
    for (const [i, name] of numbers.names.entries()) values.set(name, numbers.values[i]!);
  values.set(key, value);
}

/** Gathers what is logged at one step into one row, and hands it on when a later step begins. */
export class WandbRows {
  readonly #write: (row: WandbRow) => void;
  #row: WandbRow | undefined;
  #lastStep = -1;

  constructor(write: (row: WandbRow) => void) {
    this.#write = write;
  }

  /** The row of a step; undefined when a later one has begun, since W&B takes no step back. */
  at(point: LogPoint): WandbRow | undefined {
    if (point.step < this.#lastStep) return undefined;
    if (!this.#row || point.step > this.#lastStep) {
      this.end();
      this.#row = { point, numbers: undefined, values: new Map(), plain: new Map() };
      this.#lastStep = point.step;
    }
    return this.#row;
  }

  /** Hands on the row that is open. */
  end(): void {
    if (this.#row) this.#write(this.#row);
    this.#row = undefined;
  }
}
