import { describeShape } from "../../base/shape.ts";

export interface BlockFormat {
  /** Of one weight. */
  readonly bits: 4 | 8;
  /** Weights along a row that share a scale: a power of two from 16 on. */
  readonly blockSize: number;
}

export interface RoundBlocksOptions extends BlockFormat {
  /** Whether zero is in the middle of the codes; otherwise each block has its own. Default: true. */
  readonly isSymmetric?: boolean;
}

/** A matrix in codes: `weight = (code - zeroPoint) * scale`, block by block along each row. */
export interface BlockQuantized extends BlockFormat {
  readonly rows: number;
  readonly columns: number;
  /** One for each weight, from 0 to `2 ^ bits - 1`, `[rows, columns]`. */
  readonly codes: Uint8Array;
  /** `[rows, blocks]` */
  readonly scales: Float32Array;
  /** `[rows, blocks]`; absent where all are `2 ^ (bits - 1)`. */
  readonly zeroPoints?: Uint8Array;
}

/** Blocks of a row; the last one may be shorter. */
export function blocksOf(columns: number, blockSize: number): number {
  return Math.ceil(columns / blockSize);
}

/**
 * Rounds each weight to the nearest code of its block.
 *
 * Symmetric: the weight of largest magnitude becomes the lowest code exactly, so its sign is the
 * scale's. Otherwise the codes span the block's weights, and zero.
 *
 * @param weights `[rows, columns]`
 * @param makeGood told the error of each weight of a row in turn; may change those after it, before
 *   they are rounded and before the scale of a block that has not begun is chosen
 * @throws {RangeError} when the sizes do not fit
 */
export function roundToBlocks(
  weights: Float32Array,
  rows: number,
  columns: number,
  { bits, blockSize, isSymmetric = true }: RoundBlocksOptions,
  makeGood?: (row: Float32Array, column: number, error: number) => void,
): BlockQuantized {
  checkFormat(weights.length, rows, columns, blockSize);
  const blocks = blocksOf(columns, blockSize);
  const codes = new Uint8Array(rows * columns);
  const scales = new Float32Array(rows * blocks);
  const zeroPoints = new Uint8Array(isSymmetric ? 0 : rows * blocks);
  const scaleOf = isSymmetric ? symmetricScale : spanningScale;
  for (let row = 0; row < rows; row++) {
    const [first, last] = [row * columns, (row + 1) * columns];
    const left = makeGood ? weights.slice(first, last) : weights.subarray(first, last);
    for (let block = 0; block < blocks; block++) {
      const start = block * blockSize;
      const end = Math.min(start + blockSize, columns);
      const { scale, zeroPoint } = scaleOf(left, start, end, bits);
      scales[row * blocks + block] = scale;
      if (!isSymmetric) zeroPoints[row * blocks + block] = zeroPoint;
      for (let i = start; i < end; i++) {
        const code = codeOf(left[i]!, scale, zeroPoint, bits);
        codes[first + i] = code;
        makeGood?.(left, i, left[i]! - (code - zeroPoint) * scale);
      }
    }
  }
  const quantized = { rows, columns, bits, blockSize, codes, scales };
  return isSymmetric ? quantized : { ...quantized, zeroPoints };
}

function codeOf(weight: number, scale: number, zeroPoint: number, bits: 4 | 8): number {
  const code = (scale === 0 ? 0 : roundHalfToEven(weight / scale)) + zeroPoint;
  const top = (1 << bits) - 1;
  return code < 0 ? 0 : code > top ? top : code;
}

interface Scaling {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Scale of weights `[start, end)` with zero in the middle of the codes. */
function symmetricScale(weights: Float32Array, start: number, end: number, bits: 4 | 8): Scaling {
  let largest = 0;
  for (let i = start; i < end; i++) {
    if (Math.abs(weights[i]!) > Math.abs(largest)) largest = weights[i]!;
  }
  const middle = 2 ** (bits - 1);
  return { scale: Math.fround(largest / -middle), zeroPoint: middle };
}

/** Scale and zero point of weights `[start, end)` whose codes span them, and zero. */
function spanningScale(weights: Float32Array, start: number, end: number, bits: 4 | 8): Scaling {
  let [least, most] = [0, 0];
  for (let i = start; i < end; i++) {
    least = Math.min(least, weights[i]!);
    most = Math.max(most, weights[i]!);
  }
  const top = 2 ** bits - 1;
  const scale = Math.fround(Math.fround(most - least) / top);
  const zeroPoint = scale === 0 ? 0 : roundHalfToEven(-least / scale);
  return { scale, zeroPoint: Math.min(top, Math.max(0, zeroPoint)) };
}

/** The weights that the codes stand for, `[rows, columns]`. */
export function dequantizeBlocks(quantized: BlockQuantized): Float32Array {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = quantized;
  const blocks = blocksOf(columns, blockSize);
  const weights = new Float32Array(rows * columns);
  for (let i = 0; i < weights.length; i++) {
    const column = i % columns;
    const block = ((i - column) / columns) * blocks + Math.floor(column / blockSize);
    weights[i] = (codes[i]! - (zeroPoints?.[block] ?? 2 ** (bits - 1))) * scales[block]!;
  }
  return weights;
}

/** What ONNX Runtime's MatMulNBits and GatherBlockQuantized read. */
export interface PackedBlocks {
  /** `[rows, blocks, blockSize * bits / 8]`; of two codes in a byte the first is the low half. */
  readonly bytes: Uint8Array;
  /** `[rows, bytes of a row]`, packed likewise. */
  readonly zeroPoints?: Uint8Array;
}

/** Codes from any method, as ONNX Runtime has them; what a row lacks of a whole block is zeros. */
export function packBlocks(quantized: BlockQuantized): PackedBlocks {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = quantized;
  checkFormat(codes.length, rows, columns, blockSize);
  const blocks = blocksOf(columns, blockSize);
  if (scales.length !== rows * blocks || (zeroPoints && zeroPoints.length !== rows * blocks)) {
    throw new RangeError(
      `Cannot pack weights ${describeShape([rows, columns])} in blocks of ${blockSize}: expected ${rows * blocks} scales and zero points, got ${scales.length} and ${zeroPoints?.length ?? "none"}`,
    );
  }
  const bytes = packRows(codes, rows, columns, blocks * blockSize, bits);
  return zeroPoints
    ? { bytes, zeroPoints: packRows(zeroPoints, rows, blocks, blocks, bits) }
    : { bytes };
}

/** Where a code is in its row, and in its byte: of two the first is the low half. */
const byteOf = (column: number, bits: 4 | 8): number => (bits === 8 ? column : column >> 1);
const shiftOf = (column: number, bits: 4 | 8): number => (bits === 8 ? 0 : (column & 1) * bits);

/** @param width codes of a packed row, `columns` of which are given */
function packRows(
  codes: Uint8Array,
  rows: number,
  columns: number,
  width: number,
  bits: 4 | 8,
): Uint8Array {
  if (bits === 8 && width === columns) return codes.slice();
  const stride = Math.ceil((width * bits) / 8);
  const bytes = new Uint8Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * stride + byteOf(column, bits);
      bytes[at]! |= codes[row * columns + column]! << shiftOf(column, bits);
    }
  }
  return bytes;
}

/**
 * The codes that were packed, as {@link packBlocks} got them.
 *
 * @param format of the matrix, and its scales `[rows, blocks]`
 * @throws {RangeError} when the sizes do not fit
 */
export function unpackBlocks(
  { bytes, zeroPoints }: PackedBlocks,
  format: Omit<BlockQuantized, "codes" | "zeroPoints">,
): BlockQuantized {
  const { rows, columns, bits, blockSize } = format;
  const blocks = blocksOf(columns, blockSize);
  const codes = unpackRows(bytes, rows, columns, blocks * blockSize, bits);
  return zeroPoints
    ? { ...format, codes, zeroPoints: unpackRows(zeroPoints, rows, blocks, blocks, bits) }
    : { ...format, codes };
}

function unpackRows(
  bytes: Uint8Array,
  rows: number,
  columns: number,
  width: number,
  bits: 4 | 8,
): Uint8Array {
  const stride = Math.ceil((width * bits) / 8);
  if (bytes.length !== rows * stride) {
    throw new RangeError(
      `Cannot unpack weights ${describeShape([rows, columns])}: expected ${rows * stride} bytes, got ${bytes.length}`,
    );
  }
  if (bits === 8 && width === columns) return bytes.slice();
  const codes = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const byte = bytes[row * stride + byteOf(column, bits)]!;
      codes[row * columns + column] = (byte >> shiftOf(column, bits)) & (2 ** bits - 1);
    }
  }
  return codes;
}

function checkFormat(length: number, rows: number, columns: number, blockSize: number): void {
  if (length !== rows * columns) {
    throw new RangeError(
      `Cannot quantize weights: shape ${describeShape([rows, columns])} needs ${rows * columns} of them, got ${length}`,
    );
  }
  if (blockSize < 16 || !Number.isInteger(Math.log2(blockSize))) {
    throw new RangeError(
      `Cannot quantize weights: expected blocks of a power of two from 16 on, got ${blockSize}`,
    );
  }
}

/** Beside it a number has no room for a fraction. */
const withoutFraction = 1.5 * 2 ** 52;

/**
 * As ONNX and NumPy round: a half goes to the even neighbour.
 *
 * @param x of a magnitude below 2^51
 */
export function roundHalfToEven(x: number): number {
  return x + withoutFraction - withoutFraction;
}
