/** Several values of one quantity. */
export interface MeanAndDeviation {
  readonly mean: number;
  /** Of a sample, with n - 1; undefined for fewer than two values. */
  readonly deviation: number | undefined;
  readonly count: number;
}

/** @throws {RangeError} without values */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const count = values.length;
  if (count === 0) throw new RangeError("Cannot average: expected values, got none");
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count < 2 ? undefined : Math.sqrt(squares / (count - 1)), count };
}
