import type { MetricsRecord } from "../../framework/tracking/metricsFile.ts";

/** What is compared of a run. */
export const comparedMetrics = ["train/loss", "val/loss", "train/gradientNorm"] as const;

export interface Difference {
  metric: (typeof comparedMetrics)[number];
  /** Where it is largest. */
  step: number;
  /** Part of the expected value; NaN where one of the two is no number. */
  relative: number;
}

/**
 * Where each metric of a run lies farthest from the expected one.
 *
 * @throws {RangeError} when a metric was not logged at the same steps, or never
 */
export function largestDifferences(
  actual: readonly MetricsRecord[],
  expected: readonly MetricsRecord[],
): Difference[] {
  return comparedMetrics.map((metric) => {
    const [values, wanted] = [valuesOf(actual, metric), valuesOf(expected, metric)];
    const [steps, wantedSteps] = [values, wanted].map((of) => of.map(({ step }) => step).join(" "));
    if (wanted.length === 0 || steps !== wantedSteps) {
      throw new RangeError(
        `Cannot compare ${metric}: expected steps "${wantedSteps}" and at least one, got "${steps}"`,
      );
    }
    const differences = wanted.map(({ step, value }, i) => ({
      metric,
      step,
      relative: Math.abs(values[i]!.value - value) / Math.abs(value),
    }));
    return differences.reduce((largest, each) =>
      each.relative > largest.relative || Number.isNaN(each.relative) ? each : largest,
    );
  });
}

function valuesOf(
  rows: readonly MetricsRecord[],
  metric: string,
): { step: number; value: number }[] {
  return rows.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === undefined ? [] : [{ step, value }];
  });
}
