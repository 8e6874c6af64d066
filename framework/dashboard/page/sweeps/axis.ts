import type { Cell } from "../../../store/indexedRun.ts";
import { ticks } from "../charts/ticks.ts";
import { formatNumber } from "../format/number.ts";

/** An axis of parallel coordinates or of a scatter: numbers, or categories in order. */
export interface Axis {
  readonly name: string;
  readonly log: boolean;
  /** From 0 to 1; null for what is not on the axis. */
  readonly place: (value: Cell) => number | null;
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const fewValues = 6;
const logSpan = 10;

/** Numbers that span a factor of 10 and more and are all positive stand on a log axis. */
export function makeAxis(name: string, values: readonly Cell[], count = 6): Axis {
  const numbers = values.filter((value) => typeof value === "number");
  const present = values.filter((value) => value !== null);
  if (numbers.length < present.length || numbers.length === 0) return categories(name, present);
  const finite = numbers.filter(Number.isFinite);
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  if (!(min < max)) return categories(name, present);
  const log = min > 0 && max / min >= logSpan;
  const to = log ? Math.log : Number;
  const place = (value: Cell): number | null =>
    typeof value === "number" && Number.isFinite(value) && (!log || value > 0)
      ? (to(value) - to(min)) / (to(max) - to(min))
      : null;
  const distinct = [...new Set(finite)];
  const marked = distinct.length <= fewValues ? distinct : ticks([min, max], log, count);
  return {
    name,
    log,
    place,
    marks: marked.map((value) => ({ at: place(value) ?? 0, text: formatNumber(value) })),
  };
}

const { compare } = new Intl.Collator("en", { numeric: true });

function categories(name: string, values: readonly Cell[]): Axis {
  const names = [...new Set(values.map(String))].toSorted(compare);
  const at = (index: number): number => (names.length > 1 ? index / (names.length - 1) : 0.5);
  return {
    name,
    log: false,
    place: (value) => {
      const index = value === null ? -1 : names.indexOf(String(value));
      return index < 0 ? null : at(index);
    },
    marks: names.map((text, i) => ({ at: at(i), text })),
  };
}
