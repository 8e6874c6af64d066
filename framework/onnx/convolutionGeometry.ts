import { rank4, sizeOf, type Rank4 } from "../base/shape.ts";

export interface ConvolutionAttributes {
  /** Vertical and horizontal. */
  strides: readonly [number, number];
  /** Top, left, bottom, right. */
  pads: Rank4;
}

/** A convolution's shapes and attributes. */
export interface Geometry extends ConvolutionAttributes {
  /** `[N, C, H, W]` of the input. */
  inputShape: Rank4;
  filterShape: Rank4;
  /** Height and width of the output. */
  outputSize: readonly [number, number];
}

export function geometryOf(
  input: readonly number[],
  filter: readonly number[],
  { strides, pads }: ConvolutionAttributes,
): Geometry {
  const [inputShape, filterShape] = [rank4(input), rank4(filter)];
  const height = outputLength(inputShape[2], filterShape[2], strides[0], pads[0] + pads[2]);
  const width = outputLength(inputShape[3], filterShape[3], strides[1], pads[1] + pads[3]);
  return { inputShape, filterShape, outputSize: [height, width], strides, pads };
}

function outputLength(length: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((length + padding - kernel) / stride) + 1;
}

/** Positions of an image's output below which the whole batch is one matrix product. */
const fewPositions = 8;

/**
 * Whether an image's output is so small that a product per image, as ONNX Runtime's `Conv` does
 * it, reads the filter for the sake of a few columns.
 */
export function isTiny({ filterShape, outputSize: [height, width] }: Geometry): boolean {
  return height * width < fewPositions && filterShape[2] * filterShape[3] > 1;
}

/** Positions of the whole batch up to which what all taps see of it is small beside a filter. */
const fewInBatch = 256;

/**
 * Whether the batch's positions are so few that their columns cost less than a turned filter:
 * measured, docs/decisions/0003.
 */
export function hasFewPositions({ inputShape, filterShape, outputSize }: Geometry): boolean {
  return inputShape[0] * sizeOf(outputSize) <= Math.min(fewInBatch, filterShape[0]);
}

/** Elements of what all taps see up to which they are worth a try: 64 MB. */
const smallColumns = 2 ** 24;

/** Whether what all taps see takes little memory. */
export function hasSmallColumns({ inputShape, filterShape, outputSize }: Geometry): boolean {
  return inputShape[0] * sizeOf(outputSize) * sizeOf(filterShape.slice(1)) <= smallColumns;
}

/** Names a kernel with what of its geometry its inputs' shapes do not say. */
export function convolutionWork(kernel: string, { inputShape, strides, pads }: Geometry): string {
  return `${kernel}, images ${inputShape.join("x")}, strides ${strides.join()}, pads ${pads.join()}`;
}
