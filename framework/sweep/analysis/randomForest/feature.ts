import type { RangedParameter } from "../parameterImportance.ts";

/** A dimension of the space in which a forest predicts. */
export interface Feature {
  /** `numbers` lie in [0, 1], on which all places count alike; of `choices` there is the index. */
  readonly kind: "numbers" | "choices";
  /** Of each choice, its part of the space: they add up to 1. Empty for numbers. */
  readonly shares: readonly number[];
  /** Of each point. */
  readonly values: readonly number[];
  /** Part of the space in which the parameter is not in use: the lowest of the numbers. */
  readonly unused: number;
}

/**
 * A parameter as a dimension in which every value that was searched counts alike: numbers between
 * their ends, in the logarithm where they were searched so. Where it was left out (NaN) is a part
 * of the dimension as large as the share of such points.
 */
export function toFeature({ range, values }: RangedParameter): Feature {
  if (range.kind === "choices") {
    const shares = Array.from({ length: range.count }, () => 1 / range.count);
    return { kind: "choices", shares, values, unused: 0 };
  }
  const unused = values.filter(Number.isNaN).length / Math.max(1, values.length);
  const places = values.map((value) =>
    Number.isNaN(value) ? unused / 2 : unused + (1 - unused) * placeIn(range, value),
  );
  return { kind: "numbers", shares: [], values: places, unused };
}

type NumberRange = Extract<RangedParameter["range"], { kind: "numbers" }>;

/** From 0 to 1. Whole numbers stand in the middle of their part. */
export function placeIn(range: NumberRange, value: number): number {
  const { from, to, into } = scaleOf(range);
  const place = from < to ? (into(value) - from) / (to - from) : 0.5;
  return Math.min(1, Math.max(0, place));
}

/** The number at a place from 0 to 1. */
export function valueAt(range: NumberRange, place: number): number {
  const { from, to } = scaleOf(range);
  const at = from + place * (to - from);
  const value = range.isLog ? Math.exp(at) : at;
  return range.isInteger ? Math.min(range.high, Math.max(range.low, Math.round(value))) : value;
}

function scaleOf({ low, high, isInteger, isLog }: NumberRange) {
  const into = isLog ? Math.log : Number;
  const margin = isInteger ? 0.5 : 0;
  return { from: into(low - margin), to: into(high + margin), into };
}
