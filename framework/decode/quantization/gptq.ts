import { cholesky } from "../../base/cholesky.ts";
import { describeShape } from "../../base/shape.ts";
import {
  roundToBlocks,
  type BlockQuantized,
  type RoundBlocksOptions,
} from "./blockQuantization.ts";

export interface GptqOptions extends RoundBlocksOptions {
  /** Added to the diagonal, as a share of its mean. */
  readonly damping?: number;
}

const defaultDamping = 0.01;

/**
 * Quantizes a matrix so that its products with the inputs it was measured on change least: after
 * each column its error is made good, as far as can be, by the columns that are still to come.
 * A block's scale is chosen when its first column is reached, from what its weights are by then.
 *
 * Source: Frantar et al. 2023 (GPTQ), arXiv:2210.17323, algorithm 1, without its lazy batches.
 *
 * @param weights `[rows, columns]`
 * @param gram sums of products of the inputs' features, `[columns, columns]`: X^T X
 * @throws {RangeError} when the sizes do not fit, or the sums are of no inputs
 */
export function gptq(
  weights: Float32Array,
  rows: number,
  columns: number,
  gram: Float64Array,
  options: GptqOptions,
): BlockQuantized {
  checkSizes(weights, rows, columns, gram);
  const factor = errorFactor(gram, columns, options.damping ?? defaultDamping);
  return roundToBlocks(weights, rows, columns, options, (row, column, error) =>
    spreadError(row, column, error, factor),
  );
}

/** Has the columns after this one make its error good. */
function spreadError(
  left: Float32Array,
  column: number,
  error: number,
  factor: Float64Array,
): void {
  const first = column * left.length;
  const share = error / factor[first + column]!;
  for (let i = column + 1; i < left.length; i++) left[i]! -= share * factor[first + i]!;
}

/**
 * The upper triangle U with UᵀU = H⁻¹, of the damped sums H. A feature that was always 0 has 1 on
 * the diagonal: any weight will do.
 */
function errorFactor(gram: Float64Array, n: number, damping: number): Float64Array {
  const trace = Array.from({ length: n }, (_, i) => gram[i * n + i]!).reduce((a, b) => a + b, 0);
  if (!(trace > 0 && trace < Infinity)) {
    throw new RangeError(
      `Cannot quantize by calibration: expected finite inputs that are not all 0, got a sum of squares of ${trace}`,
    );
  }
  // With rows and columns reversed, the lower factor is the upper one R of H = R Rᵀ, and U is its inverse.
  const reversed = gram.toReversed();
  for (let i = 0; i < n; i++) {
    if (reversed[i * n + i] === 0) reversed[i * n + i] = 1;
    reversed[i * n + i]! += (damping * trace) / n;
  }
  const lower = cholesky(reversed, n);
  if (!lower) {
    throw new RangeError(
      `Cannot quantize by calibration: the inputs' sums of products are not positive definite with damping ${damping}; use a larger one`,
    );
  }
  return invertLower(lower, n).toReversed();
}

/** The inverse of a lower triangle, a lower triangle. */
function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const pivot = lower[row * n + row]!;
    for (let k = 0; k < row; k++) {
      const weight = lower[row * n + k]! / pivot;
      for (let column = 0; column <= k; column++) {
        inverse[row * n + column]! -= weight * inverse[k * n + column]!;
      }
    }
    inverse[row * n + row] = 1 / pivot;
  }
  return inverse;
}

function checkSizes(
  weights: Float32Array,
  rows: number,
  columns: number,
  gram: Float64Array,
): void {
  if (weights.length === rows * columns && gram.length === columns * columns) return;
  throw new RangeError(
    `Cannot quantize weights ${describeShape([rows, columns])} by calibration: expected ${rows * columns} weights and ${columns * columns} sums, got ${weights.length} and ${gram.length}`,
  );
}
