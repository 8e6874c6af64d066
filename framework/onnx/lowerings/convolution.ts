/** @file Our own NCHW convolution and its gradients. The export name is the kernel name. */
import { rank4, sizeOf, type Rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import { convolveBlocked, paysBlocked } from "../blockedConvolution.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

interface ConvolutionAttributes {
  /** Vertical and horizontal. */
  strides: readonly [number, number];
  /** Top, left, bottom, right. */
  pads: Rank4;
}

/** A convolution's shapes and attributes. */
interface Geometry extends ConvolutionAttributes {
  /** `[N, C, H, W]` of the input. */
  inputShape: Rank4;
  filterShape: Rank4;
  /** Height and width of the output. */
  outputSize: readonly [number, number];
}

function geometryOf(
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

function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [channels, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const { outputSize } = geometryOf(x.shape, filter.shape, { strides, pads });
  const shape = [x.shape[0]!, channels, ...outputSize];
  if (paysBlocked(builder, x, filter, outputSize)) {
    return convolveBlocked(builder, x, filter, bias, { strides, pads, shape });
  }
  const attributes = { strides, pads, kernel_shape: [kernelHeight, kernelWidth] };
  const inputs = bias ? [x, filter, bias] : [x, filter];
  return builder.node("Conv", inputs, { shape, dtype: x.dtype }, attributes);
}

/** `x [N, C, H, W]` with `filter [O, C, kh, kw]` and perhaps `bias [O]`. */
export const SeedbedConv2d: Lowering<ConvolutionAttributes> = (
  builder,
  { x, filter, bias },
  attributes,
) => {
  const geometry = geometryOf(x!.shape, filter!.shape, attributes);
  return isTiny(geometry)
    ? convolveTiny(builder, x!, filter!, bias, geometry)
    : convolve(builder, x!, filter!, bias, attributes);
};

/**
 * The gradient for the input. With stride 1 it is itself a convolution, of the output's gradient
 * with the filter turned by 180 degrees and its channels exchanged.
 */
export const SeedbedConv2dInputGradient: Lowering<
  ConvolutionAttributes & { inputShape: number[] }
> = (builder, { dy, filter }, { inputShape, strides, pads }) => {
  const geometry = geometryOf(inputShape, filter!.shape, { strides, pads });
  if (isTiny(geometry)) return tinyInputGradient(builder, dy!, filter!, geometry);
  const [, , kernelHeight, kernelWidth] = geometry.filterShape;
  if (strides[0] !== 1 || strides[1] !== 1) {
    return transposedConvolution(builder, dy!, filter!, inputShape, { strides, pads });
  }
  const exchanged = builder.transpose(filter!, [1, 0, 2, 3]);
  const turned = turn(builder, exchanged);
  const [top, left, bottom, right] = pads;
  return convolveOrCrop(builder, dy!, turned, [
    kernelHeight - 1 - top,
    kernelWidth - 1 - left,
    kernelHeight - 1 - bottom,
    kernelWidth - 1 - right,
  ]);
};

/** With stride 1; negative pads take away rows and columns, which saw padding alone. */
function convolveOrCrop(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  [top, left, bottom, right]: Rank4,
): GraphValue {
  const [batch, channels, height, width] = rank4(x.shape);
  const starts = [0, 0, Math.max(0, -top), Math.max(0, -left)];
  const ends = [batch, channels, height - Math.max(0, -bottom), width - Math.max(0, -right)];
  const seen = builder.slice(x, starts, ends);
  const pads: Rank4 = [
    Math.max(0, top),
    Math.max(0, left),
    Math.max(0, bottom),
    Math.max(0, right),
  ];
  return convolve(builder, seen, filter, undefined, { strides: [1, 1], pads });
}

/**
 * A filter turned by 180 degrees: its taps in reverse, by a product with the matrix that reverses
 * them, which is faster than a slice with steps of -1.
 */
function turn(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [outputs, inputs, height, width] = rank4(filter.shape);
  const taps = height * width;
  if (taps === 1) return filter;
  const reversal = Float32Array.from({ length: taps * taps }, (_, i) =>
    (i % taps) + Math.floor(i / taps) === taps - 1 ? 1 : 0,
  );
  const rows = builder.reshape(filter, [outputs * inputs, taps]);
  const matrix = builder.graph.constant("float32", reversal, [taps, taps]);
  return builder.reshape(builder.matMul(rows, matrix), filter.shape);
}

function transposedConvolution(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  inputShape: readonly number[],
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const missing = [kernelHeight, kernelWidth].map((kernel, i) => {
    const padding = pads[i]! + pads[i + 2]!;
    return inputShape[i + 2]! - ((dy.shape[i + 2]! - 1) * strides[i]! + kernel - padding);
  });
  const attributes = {
    strides,
    pads,
    kernel_shape: [kernelHeight, kernelWidth],
    output_padding: missing,
  };
  return builder.node(
    "ConvTranspose",
    [dy, filter],
    { shape: inputShape, dtype: dy.dtype },
    attributes,
  );
}

/** Positions of one image from which on a product per image is the faster filter gradient. */
const manyPositions = 256;
/** Size of a tap's matrix from which on one product over the whole batch is the faster. */
const largeTap = 64 * 128;

/**
 * The gradient for the filter: for each of its taps, the output's gradient times the input as
 * that tap saw it. Either the batch is part of the inner dimension, or, where the product would
 * be long and thin, there is one product per image and their sum: measured, see the decision
 * page on convolution gradients.
 */
export const SeedbedConv2dFilterGradient: Lowering<
  ConvolutionAttributes & { filterShape: number[] }
> = (builder, { x, dy }, attributes) => {
  const { filterShape } = attributes;
  const [outChannels, inChannels] = rank4(filterShape);
  const geometry = geometryOf(x!.shape, filterShape, attributes);
  if (isTiny(geometry)) return tinyFilterGradient(builder, x!, dy!, geometry);
  const [batch, , height, width] = rank4(dy!.shape);
  const positions = height * width;
  const perImage = positions >= manyPositions && outChannels * inChannels < largeTap;
  const gradient = perImage
    ? builder.reshape(dy!, [batch, outChannels, positions])
    : builder.reshape(builder.transpose(dy!, [1, 0, 2, 3]), [outChannels, batch * positions]);
  const taps = tapInputs(builder, x!, [height, width], attributes).map((seen) => {
    if (!perImage) {
      const rows = builder.reshape(seen, [batch * positions, inChannels]);
      return builder.matMul(gradient, rows);
    }
    const rows = builder.reshape(seen, [batch, positions, inChannels]);
    return builder.sum(builder.matMul(gradient, rows), [0]);
  });
  if (taps.length === 1) return builder.reshape(taps[0]!, filterShape);
  const columns = taps.map((tap) => builder.reshape(tap, [outChannels, inChannels, 1]));
  return builder.reshape(builder.concat(columns, 2), filterShape);
};

/** The input as each tap of the filter saw it, row by row of the filter: `[N, H', W', C]` each. */
function tapInputs(
  builder: GraphBuilder,
  x: GraphValue,
  [height, width]: readonly [number, number],
  { filterShape, strides, pads }: ConvolutionAttributes & { filterShape: number[] },
): GraphValue[] {
  const [, inChannels, kernelHeight, kernelWidth] = rank4(filterShape);
  const [top, left, bottom, right] = pads;
  const last = builder.transpose(x, [0, 2, 3, 1]);
  const padded = builder.pad(last, [0, top, left, 0], [0, bottom, right, 0]);
  const step = strides[0] === 1 && strides[1] === 1 ? undefined : [1, ...strides, 1];
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const bottomEnd = i + (height - 1) * strides[0] + 1;
      const rightEnd = j + (width - 1) * strides[1] + 1;
      const ends = [x.shape[0]!, bottomEnd, rightEnd, inChannels];
      taps.push(builder.slice(padded, [0, i, j, 0], ends, step));
    }
  }
  return taps;
}

/** Positions of an image's output below which the whole batch is one matrix product. */
const fewPositions = 8;

/**
 * Whether an image's output is so small that a product per image, as ONNX Runtime's `Conv` does
 * it, reads the filter for the sake of a few columns.
 */
function isTiny({ filterShape, outputSize: [height, width] }: Geometry): boolean {
  return height * width < fewPositions && filterShape[2] * filterShape[3] > 1;
}

/** The batch as one product of the filter and all that its taps see. */
function convolveTiny(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  geometry: Geometry,
): GraphValue {
  const { inputShape, filterShape, outputSize } = geometry;
  const [outChannels, ...window] = filterShape;
  const rows = builder.reshape(filter, [outChannels, sizeOf(window)]);
  const product = builder.matMul(rows, columns(builder, x, geometry));
  const shifted = bias ? builder.add(product, builder.reshape(bias, [outChannels, 1])) : product;
  const image = builder.reshape(shifted, [outChannels, inputShape[0], ...outputSize]);
  return builder.transpose(image, [1, 0, 2, 3]);
}

/** Each position's gradient goes back to all that its taps saw. */
function tinyInputGradient(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  { inputShape, filterShape, outputSize, strides, pads }: Geometry,
): GraphValue {
  const [outChannels, ...window] = filterShape;
  const [batch, , height, width] = inputShape;
  const rows = builder.reshape(filter, [outChannels, sizeOf(window)]);
  const seen = builder.matMul(rows, channelRows(builder, dy), { transposeA: true });
  const perImage = builder.reshape(seen, [sizeOf(window), batch, sizeOf(outputSize)]);
  const inputs = [
    builder.transpose(perImage, [1, 0, 2]),
    builder.integers([height, width]),
    builder.integers(filterShape.slice(2)),
  ];
  const attributes = { strides, pads, dilations: [1, 1] };
  return builder.node("Col2Im", inputs, { shape: inputShape, dtype: dy.dtype }, attributes);
}

/** Uses the columns of the forward pass: ONNX Runtime finds that they are the same. */
function tinyFilterGradient(
  builder: GraphBuilder,
  x: GraphValue,
  dy: GraphValue,
  geometry: Geometry,
): GraphValue {
  const seen = columns(builder, x, geometry);
  const product = builder.matMul(channelRows(builder, dy), seen, { transposeB: true });
  return builder.reshape(product, geometry.filterShape);
}

/** What each tap sees at each position: `[C * kh * kw, N * H' * W']`. */
function columns(builder: GraphBuilder, x: GraphValue, geometry: Geometry): GraphValue {
  const { inputShape, filterShape, outputSize, strides, pads } = geometry;
  const [batch, channels] = inputShape;
  const [, , kernelHeight, kernelWidth] = filterShape;
  const [top, left, bottom, right] = pads;
  const first = builder.transpose(x, [1, 0, 2, 3]);
  const padded = builder.pad(first, [0, 0, top, left], [0, 0, bottom, right]);
  const step = strides[0] === 1 && strides[1] === 1 ? undefined : [1, 1, ...strides];
  const positions = batch * sizeOf(outputSize);
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const ends = [
        i + (outputSize[0] - 1) * strides[0] + 1,
        j + (outputSize[1] - 1) * strides[1] + 1,
      ];
      const seen = builder.slice(padded, [0, 0, i, j], [channels, batch, ...ends], step);
      taps.push(builder.reshape(seen, [channels, 1, positions]));
    }
  }
  return builder.reshape(builder.concat(taps, 1), [channels * taps.length, positions]);
}

/** `[N, C, H, W]` as `[C, N * H * W]`. */
function channelRows(builder: GraphBuilder, image: GraphValue): GraphValue {
  const [batch, channels, height, width] = rank4(image.shape);
  const rows = builder.transpose(image, [1, 0, 2, 3]);
  return builder.reshape(rows, [channels, batch * height * width]);
}

/** Doubles height and width by repeating: `[N, C, H, W]` to `[N, C, 2H, 2W]`. */
export const SeedbedUpsampleNearest2x: Lowering = (builder, { x }) => {
  const [batch, channels, height, width] = rank4(x!.shape);
  const scales = builder.graph.constant("float32", Float32Array.of(1, 1, 2, 2), [4]);
  const output = { shape: [batch, channels, height * 2, width * 2], dtype: x!.dtype };
  return builder.node("Resize", [x, undefined, scales], output, {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
};

/** Each cell's gradient is the sum of its four copies': four times their mean. */
export const SeedbedUpsampleNearest2xGradient: Lowering = (builder, { dy }) => {
  const [batch, channels, height, width] = rank4(dy!.shape);
  const shape = [batch, channels, height / 2, width / 2];
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const mean = builder.node("AveragePool", [dy], { shape, dtype: dy!.dtype }, attributes);
  return builder.mul(mean, builder.scalar(4));
};
