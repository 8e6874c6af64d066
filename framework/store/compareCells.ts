import type { Cell } from "./indexedRun.ts";

/** `a10` after `a9`, as people expect of names; the same on every machine. */
const texts = new Intl.Collator("en", { numeric: true });

/**
 * The order of two cells of a column: booleans, numbers, texts. NaN comes after them and what is
 * missing last, in either direction.
 */
export function compareCells(a: Cell, b: Cell, descending = false): number {
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) {
    const isSwapped = descending && rankA < nan && rankB < nan;
    return isSwapped ? rankB - rankA : rankA - rankB;
  }
  const order = compareAlike(a, b);
  return descending ? -order : order;
}

const nan = 3;

function rank(cell: Cell): number {
  if (cell === null) return nan + 1;
  if (typeof cell === "boolean") return 0;
  if (typeof cell === "string") return 2;
  return Number.isNaN(cell) ? nan : 1;
}

function compareAlike(a: Cell, b: Cell): number {
  if (typeof a === "string" && typeof b === "string") return texts.compare(a, b);
  const x = Number(a);
  const y = Number(b);
  return x < y ? -1 : x > y ? 1 : 0;
}
