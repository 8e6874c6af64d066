import type { RangedParameter } from "./parameterImportance.ts";

/** A value of a parameter; null where it is not in use. */
export type Cell = string | number | boolean | null;

/** From which factor between the ends on a range of positive numbers counts as one of magnitudes. */
const logFactor = 50;

/**
 * A parameter of which only the values that trials had are known: numbers range from the smallest
 * to the largest, in the logarithm where they differ by magnitudes; everything else is a choice.
 *
 * @param values null where it was not in use: NaN among numbers, else a choice of its own
 */
export function observedParameter(values: readonly Cell[]): RangedParameter {
  const numbers = values.filter((value) => typeof value === "number" && Number.isFinite(value));
  const used = values.filter((value) => value !== null);
  if (numbers.length < used.length || numbers.length === 0) return choices(values);
  const all = numbers.map(Number);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const isLog = low > 0 && high / low >= logFactor;
  return {
    range: { kind: "numbers", low, high, isLog, isInteger: all.every(Number.isInteger) },
    values: values.map((value) => (value === null ? Number.NaN : Number(value))),
  };
}

function choices(values: readonly Cell[]): RangedParameter {
  const distinct = [...new Set(values)];
  return {
    range: { kind: "choices", count: distinct.length },
    values: values.map((value) => distinct.indexOf(value)),
  };
}
