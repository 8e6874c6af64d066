import { meanAndDeviation } from "../../base/meanAndDeviation.ts";
import { studentQuantile } from "./studentQuantile.ts";

/** A mean, and where the true one is. */
export interface MeanInterval {
  readonly mean: number;
  /** Undefined for a single value, of which nobody knows how sure it is. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly count: number;
}

/** How many of 100 intervals hold the true mean. */
export const confidencePercent = 95;

/**
 * Student's interval, for values that are normally distributed about the mean.
 *
 * @throws {RangeError} without values
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const { mean, deviation, count } = meanAndDeviation(values);
  if (deviation === undefined) return { mean, low: undefined, high: undefined, count };
  const t = studentQuantile(0.5 + confidencePercent / 200, count - 1);
  const half = (t * deviation) / Math.sqrt(count);
  return { mean, low: mean - half, high: mean + half, count };
}
