import type { RangedParameter } from "../../../../framework/sweep/analysis/parameterImportance.ts";

/** Points that fill the unit square evenly: Roberts' sequence, with steps of the plastic number. */
export function evenPoints(count: number): { x: number[]; y: number[] } {
  const plastic = 1.324717957244746;
  const along = (step: number): number[] =>
    Array.from({ length: count }, (_, i) => (0.5 + (i + 1) * step) % 1);
  return { x: along(1 / plastic), y: along(1 / plastic ** 2) };
}

/** A parameter that was searched from 0 to 1. */
export const unit = (values: readonly number[]): RangedParameter => ({
  range: { kind: "numbers", low: 0, high: 1 },
  values,
});
