/** A primitive polynomial over two elements, and the first direction numbers that go with it. */
interface Direction {
  readonly degree: number;
  /** Its inner coefficients, as bits. */
  readonly coefficients: number;
  readonly first: readonly number[];
}

/**
 * Of dimensions 2, 3, ...; the first has none.
 *
 * Source: Joe & Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections",
 * table new-joe-kuo-6.
 */
const directions: readonly Direction[] = [
  { degree: 1, coefficients: 0, first: [1] },
  { degree: 2, coefficients: 1, first: [1, 3] },
  { degree: 3, coefficients: 1, first: [1, 3, 1] },
  { degree: 3, coefficients: 2, first: [1, 1, 1] },
  { degree: 4, coefficients: 1, first: [1, 1, 3, 3] },
  { degree: 4, coefficients: 4, first: [1, 3, 5, 13] },
  { degree: 5, coefficients: 2, first: [1, 1, 5, 5, 17] },
  { degree: 5, coefficients: 4, first: [1, 1, 5, 5, 5] },
  { degree: 5, coefficients: 7, first: [1, 1, 7, 11, 19] },
  { degree: 5, coefficients: 11, first: [1, 1, 5, 1, 1] },
  { degree: 5, coefficients: 13, first: [1, 1, 1, 3, 11] },
  { degree: 5, coefficients: 14, first: [1, 3, 5, 5, 31] },
  { degree: 6, coefficients: 1, first: [1, 3, 3, 9, 7, 49] },
  { degree: 6, coefficients: 13, first: [1, 1, 1, 15, 21, 21] },
  { degree: 6, coefficients: 16, first: [1, 3, 1, 13, 27, 49] },
  { degree: 6, coefficients: 19, first: [1, 1, 1, 15, 7, 5] },
  { degree: 6, coefficients: 22, first: [1, 3, 1, 15, 13, 25] },
  { degree: 6, coefficients: 25, first: [1, 1, 5, 5, 19, 61] },
  { degree: 7, coefficients: 1, first: [1, 3, 7, 11, 23, 15, 103] },
  { degree: 7, coefficients: 4, first: [1, 3, 7, 13, 13, 15, 69] },
];

/** Dimensions that there are numbers for. */
export const maxSobolDimensions: number = directions.length + 1;

const bits = 32;
const known = new Map<number, Uint32Array>();

/**
 * One coordinate of a point of Sobol's sequence, in the order of Gray codes (Antonov & Saleev 1979).
 *
 * @param index of the point, in [0, 2^32); the first one lies at 0
 * @param dimension from 0
 * @returns the coordinate times 2^32
 */
export function sobolCoordinate(index: number, dimension: number): number {
  const numbers = known.get(dimension) ?? directionNumbers(directions[dimension - 1]);
  known.set(dimension, numbers);
  const gray = (index ^ (index >>> 1)) >>> 0;
  let coordinate = 0;
  for (let bit = 0; bit < bits; bit++) {
    if ((gray >>> bit) & 1) coordinate ^= numbers[bit]!;
  }
  return coordinate >>> 0;
}

/** @param direction undefined for the first dimension, whose numbers are the powers of 1/2 */
function directionNumbers(direction: Direction | undefined): Uint32Array {
  const { degree, coefficients, first } = direction ?? { degree: bits, coefficients: 0, first: [] };
  const numbers = new Uint32Array(bits);
  for (let i = 0; i < bits; i++) {
    if (i < degree) numbers[i] = (first[i] ?? 1) << (bits - 1 - i);
    else numbers[i] = nextNumber(numbers, i, degree, coefficients);
  }
  return numbers;
}

function nextNumber(numbers: Uint32Array, i: number, degree: number, coefficients: number): number {
  let number = numbers[i - degree]! ^ (numbers[i - degree]! >>> degree);
  for (let k = 1; k < degree; k++) {
    if ((coefficients >>> (degree - 1 - k)) & 1) number ^= numbers[i - k]!;
  }
  return number;
}
