import { meanAndDeviation } from "../../base/meanAndDeviation.ts";

/** Values of a metric by step. */
export type LoggedCurve = ReadonlyMap<number, number>;

/** A metric over steps, of the runs of one point. */
export interface LearningCurve {
  readonly steps: readonly number[];
  readonly mean: readonly number[];
  /** Between runs; 0 where only one has got there. */
  readonly deviation: readonly number[];
}

/** Mean and deviation at each step that one of the runs has logged, over those that have. */
export function learningCurve(curves: readonly LoggedCurve[]): LearningCurve {
  const steps = [...new Set(curves.flatMap((curve) => [...curve.keys()]))].toSorted(
    (a, b) => a - b,
  );
  const spreads = steps.map((step) =>
    meanAndDeviation(curves.flatMap((curve) => curve.get(step) ?? [])),
  );
  return {
    steps,
    mean: spreads.map(({ mean }) => mean),
    deviation: spreads.map(({ deviation }) => deviation ?? 0),
  };
}
