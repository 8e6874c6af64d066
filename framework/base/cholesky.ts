/**
 * The lower triangle L with L Lᵀ = A.
 *
 * @param matrix symmetric, `[n, n]` by rows; its upper triangle is not read
 * @returns undefined when the matrix is not positive definite
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array | undefined {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i > j) lower[i * n + j] = sum / lower[j * n + j]!;
      else if (sum > 0) lower[i * n + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return lower;
}

/** x with L x = b. */
export function solveLower(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * x[k]!;
    x[i] = sum / lower[i * n + i]!;
  }
  return x;
}

/** x with Lᵀ x = b. */
export function solveUpper(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    x[i] = x[i]! / lower[i * n + i]!;
    for (let k = 0; k < i; k++) x[k] = x[k]! - lower[i * n + k]! * x[i]!;
  }
  return x;
}

/** The inverse of A = L Lᵀ, `[n, n]`. */
export function inverseFromCholesky(lower: Float64Array, n: number): Float64Array {
  const root = inverseOfLower(lower, n);
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const left = root[k * n + i]!;
      for (let j = 0; j <= i; j++) inverse[i * n + j]! += left * root[k * n + j]!;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j]!;
  }
  return inverse;
}

/** L⁻¹, row by row: a row is made of those before it. */
function inverseOfLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const share = lower[i * n + k]!;
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= share * inverse[k * n + j]!;
    }
    const diagonal = lower[i * n + i]!;
    inverse[i * n + i] = 1;
    for (let j = 0; j <= i; j++) inverse[i * n + j]! /= diagonal;
  }
  return inverse;
}
