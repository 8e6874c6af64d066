import { compareCells } from "./compareCells.ts";
import type { Cell } from "./indexedRun.ts";

/** Mean and spread of a column over several runs. */
export interface NumbersCell {
  /** NaN when one value is: a run that diverged is not hidden by the others. */
  mean: number;
  /** Of a sample, with n - 1; NaN for one value. */
  deviation: number;
  /** Over what is a number; NaN without any. */
  min: number;
  max: number;
  count: number;
}

/** What a column says of several runs. */
export type GroupCell =
  | NumbersCell
  | {
      /** Different values, in order. */
      values: Cell[];
      /** How many more there are. */
      more: number;
    };

const shownValues = 10;

/**
 * Sums up a column of a group: numbers by mean and spread, others by the values that occur. Missing
 * ones do not count; a value that is the same in all is given as it is, unless it is a number.
 */
export function summarizeCells(cells: readonly Cell[]): Cell | GroupCell {
  const present = cells.filter((cell) => cell !== null);
  if (present.length === 0) return null;
  if (present.every((cell) => typeof cell === "number")) return summarizeNumbers(present);
  const distinct = [...new Set(present)].sort((a, b) => compareCells(a, b));
  if (distinct.length === 1) return distinct[0]!;
  return {
    values: distinct.slice(0, shownValues),
    more: Math.max(0, distinct.length - shownValues),
  };
}

function summarizeNumbers(numbers: readonly number[]): NumbersCell {
  const count = numbers.length;
  let [mean, squares, min, max] = [0, 0, NaN, NaN];
  for (const [i, value] of numbers.entries()) {
    const away = value - mean;
    mean += away / (i + 1);
    squares += away * (value - mean);
    if (!(value >= min)) min = Number.isNaN(value) ? min : value;
    if (!(value <= max)) max = Number.isNaN(value) ? max : value;
  }
  return { mean, deviation: Math.sqrt(squares / (count - 1)), min, max, count };
}
