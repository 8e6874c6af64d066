import { dequantize, type HostTensor, type QuantizedMatrix } from "seedbed";

/** How far a matrix in codes is from what it was. */
export interface MatrixError {
  readonly name: string;
  /** Norm of the weights' difference, as a share of the weights' own. */
  readonly weights: number;
  /** The same of what comes out for calibration's features; undefined where they are not known. */
  readonly outputs: number | undefined;
}

/** @param gram sums of products of the features that come in, `[inputs, inputs]` */
export function matrixError(
  name: string,
  original: HostTensor,
  matrix: QuantizedMatrix,
  gram?: Float64Array,
): MatrixError {
  const before = original.values;
  const after = dequantize(matrix).values;
  const difference = Float64Array.from(before, (weight, i) => weight - after[i]!);
  return {
    name,
    weights: Math.sqrt(sumOfSquares(difference) / sumOfSquares(before)),
    outputs: gram && Math.sqrt(outputPower(difference, gram) / outputPower(before, gram)),
  };
}

function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
}

/** Sum of squares of what rows of weights give for the features: of each row w, `w gram wᵀ`. */
function outputPower(weights: ArrayLike<number>, gram: Float64Array): number {
  const inputs = Math.sqrt(gram.length);
  let power = 0;
  for (let start = 0; start < weights.length; start += inputs) {
    for (let i = 0; i < inputs; i++) {
      let product = 0;
      for (let j = 0; j < inputs; j++) product += gram[i * inputs + j]! * weights[start + j]!;
      power += product * weights[start + i]!;
    }
  }
  return power;
}
