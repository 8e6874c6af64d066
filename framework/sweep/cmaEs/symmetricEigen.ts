/** A = V diag(values) Vᵀ. */
export interface Eigen {
  readonly values: Float64Array;
  /** `[n, n]` by rows; column j belongs to value j. */
  readonly vectors: Float64Array;
}

const maxSweeps = 60;

/**
 * Values and vectors of a symmetric matrix, by Jacobi's rotations: sure and exact for the small
 * matrices of searches.
 *
 * Source: Golub & Van Loan 2013, "Matrix computations", algorithm 8.5.2.
 *
 * @param matrix `[n, n]` by rows
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    if (offDiagonal(a, n) === 0) break;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors };
}

function offDiagonal(a: Float64Array, n: number): number {
  let [off, on] = [0, 0];
  for (let i = 0; i < n; i++) {
    on += a[i * n + i]! ** 2;
    for (let j = 0; j < i; j++) off += a[i * n + j]! ** 2;
  }
  return off <= on * 1e-32 ? 0 : off;
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  turnColumns(a, n, p, q, c, s);
  turnRows(a, n, p, q, c, s);
  turnColumns(vectors, n, p, q, c, s);
}

function turnColumns(
  m: Float64Array,
  n: number,
  ...[p, q, c, s]: [p: number, q: number, c: number, s: number]
): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [m[k * n + p]!, m[k * n + q]!];
    m[k * n + p] = c * x - s * y;
    m[k * n + q] = s * x + c * y;
  }
}

function turnRows(
  m: Float64Array,
  n: number,
  ...[p, q, c, s]: [p: number, q: number, c: number, s: number]
): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [m[p * n + k]!, m[q * n + k]!];
    m[p * n + k] = c * x - s * y;
    m[q * n + k] = s * x + c * y;
  }
}
