export interface MeanAndDeviation {
  readonly mean: number;
  /** Of a sample, over n - 1; undefined for a single value. */
  readonly deviation: number | undefined;
  readonly count: number;
}

/** @param values at least one */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, deviation: undefined, count };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (count - 1)), count };
}
