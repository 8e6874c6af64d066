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
export function isTiny(geometry: Geometry): boolean {
  return positionsOf(geometry) < fewPositions && hasSeveralTaps(geometry);
}

/** Positions of an image's output up to which its columns are small, and which are few for any filter. */
const small = { positions: 64, forAnyFilter: 16 };
/** Images from which on a position's row of the batch is long enough to be moved as one. */
const someImages = 4;
/** Images from which on the columns of the whole batch make one product that is worth moving them. */
const manyImages = 8;
/** Channels from which on the product weighs more than its columns. */
const manyChannels = 128;

/** Whether an image's columns are so few that they stay in a processor's cache. */
export function hasSmallImages(geometry: Geometry): boolean {
  return positionsOf(geometry) <= small.positions;
}

/**
 * Whether the columns of a batch of small images cost less than a product per image: measured,
 * docs/decisions/0003.
 */
export function paysInColumns(geometry: Geometry): boolean {
  if (isTiny(geometry)) return true;
  if (!hasSeveralTaps(geometry) || !hasSmallColumns(geometry)) return false;
  const [positions, images] = [positionsOf(geometry), geometry.inputShape[0]];
  if (positions <= small.forAnyFilter) return images >= someImages;
  const isLarge = images >= manyImages && geometry.filterShape[0] >= manyChannels;
  return hasSmallImages(geometry) && isLarge;
}

/** The same for the gradient of the input. */
export function paysInColumnsBack(geometry: Geometry): boolean {
  const positions = positionsOf(geometry);
  const isSmall = hasSmallImages(geometry) && hasSmallColumns(geometry);
  if (!isSmall || !hasSeveralTaps(geometry) || geometry.inputShape[0] < someImages) return false;
  const [outputs, inputs] = geometry.filterShape;
  return positions <= small.forAnyFilter || Math.min(outputs, inputs) >= manyChannels;
}

/** The same for the gradient of the filter, whose product has the batch's positions inside. */
export function paysInColumnsForFilter(geometry: Geometry): boolean {
  if (!hasSeveralTaps(geometry)) return false;
  if (hasSmallImages(geometry)) return hasSmallColumns(geometry);
  const rows = geometry.filterShape[2];
  return geometry.inputShape[0] >= manyImages && columnSize(geometry) <= rows * smallColumns;
}

/** Positions of the input, for each of the output's, up to which taps that see each are looked for. */
const fewUnseen = 8;

/** Whether steps are so long, or the output is so small, that most taps see little of an image. */
export function isMostlyUnseen(geometry: Geometry): boolean {
  const [, , ...size] = geometry.inputShape;
  return sizeOf(size) > fewUnseen * positionsOf(geometry);
}

function positionsOf({ outputSize }: Geometry): number {
  return sizeOf(outputSize);
}

function hasSeveralTaps({ filterShape }: Geometry): boolean {
  return filterShape[2] * filterShape[3] > 1;
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
export function hasSmallColumns(geometry: Geometry): boolean {
  return columnSize(geometry) <= smallColumns;
}

/** Elements of what all taps see. */
function columnSize({ inputShape, filterShape, outputSize }: Geometry): number {
  return inputShape[0] * sizeOf(outputSize) * sizeOf(filterShape.slice(1));
}

/** Names a kernel with what of its geometry its inputs' shapes do not say. */
export function convolutionWork(kernel: string, { inputShape, strides, pads }: Geometry): string {
  return `${kernel}, images ${inputShape.join("x")}, strides ${strides.join()}, pads ${pads.join()}`;
}
