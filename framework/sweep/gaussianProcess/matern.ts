/** What a kernel has learnt. */
export interface KernelSettings {
  /** 1 / length² of each dimension. */
  readonly inverseSquares: Float64Array;
  /** Variance of the function. */
  readonly scale: number;
  /** Variance of what is observed around it. */
  readonly noise: number;
}

/**
 * Matérn's kernel of smoothness 5/2 with a length for each dimension, without its scale.
 *
 * Source: Rasmussen & Williams 2006, "Gaussian processes for machine learning", eq. 4.17.
 *
 * @param squared of the distance, in lengths
 */
export function matern(squared: number): number {
  const a = Math.sqrt(5 * squared);
  return (1 + a + (a * a) / 3) * Math.exp(-a);
}

/** Its derivative by the squared distance. */
export function maternSlope(squared: number): number {
  const a = Math.sqrt(5 * squared);
  return (-5 / 6) * (1 + a) * Math.exp(-a);
}

/** Squared distance in lengths. */
export function scaledDistance(
  inverseSquares: Float64Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let sum = 0;
  for (let d = 0; d < inverseSquares.length; d++) {
    const difference = a[d]! - b[d]!;
    sum += inverseSquares[d]! * difference * difference;
  }
  return sum;
}

/** Covariances of observations at some places, `[n, n]`; only the lower triangle is filled. */
export function covariances(
  { inverseSquares, scale, noise }: KernelSettings,
  places: readonly Float64Array[],
): Float64Array {
  const n = places.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      matrix[i * n + j] = scale * matern(scaledDistance(inverseSquares, places[i]!, places[j]!));
    }
    matrix[i * n + i] = scale + noise;
  }
  return matrix;
}
