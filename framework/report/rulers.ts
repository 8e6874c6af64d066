/** Smallest and largest of what an axis shows. */
export type Range = readonly [least: number, most: number];

/** What stands along an axis. */
export interface Ruler {
  readonly marks: readonly { readonly value: number; readonly text: string }[];
  /** From 0 at its beginning to 1 at its end. */
  readonly place: (value: number) => number;
}

/** Round numbers that enclose a range, about five of them; none below zero where nothing is. */
export function evenRuler([least, most]: Range = [0, 1]): Ruler {
  const rough = (most - least || Math.abs(most) || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const below = Math.floor(least / step - 0.1);
  const first = least < 0 ? below : Math.max(0, below);
  const last = Math.ceil(most / step + 0.1);
  const values = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return {
    marks: values.map(mark),
    place: (value) => (value - first * step) / ((last - first) * step),
  };
}

const manyMagnitudes = 2.5;

/**
 * Magnitudes within a range: powers of ten, with 2 and 5 between them where they are few.
 *
 * @param range positive
 */
export function logRuler([least, most]: Range = [1, 10]): Ruler {
  const [from, to] = [Math.log10(least), Math.log10(most)];
  const digits = to - from > manyMagnitudes ? [1] : [1, 2, 5];
  const powers = Array.from(
    { length: Math.ceil(to) - Math.floor(from) + 1 },
    (_, i) => Math.floor(from) + i,
  );
  const values = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  return {
    marks: values.filter((value) => value >= least && value <= most).map(mark),
    place: (value) => (to > from ? (Math.log10(value) - from) / (to - from) : 0.5),
  };
}

/** Names side by side, by their number from 0. */
export function nameRuler(names: readonly string[]): Ruler {
  const place = (index: number): number => (index + 0.5) / Math.max(1, names.length);
  return { marks: names.map((text, value) => ({ value, text })), place };
}

function mark(value: number): { value: number; text: string } {
  return { value, text: String(Number(value.toPrecision(6))) };
}

/** Undefined where nothing is finite. */
export function rangeOf(values: Iterable<number>): Range | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least > most ? undefined : [least, most];
}
