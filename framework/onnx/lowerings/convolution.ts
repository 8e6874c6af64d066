/** @file Our own NCHW convolution and its gradients. The export name is the kernel name. */
import { rank4, type Rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

interface ConvolutionAttributes {
  /** Vertical and horizontal. */
  strides: readonly [number, number];
  /** Top, left, bottom, right. */
  pads: Rank4;
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
  const [batch, , height, width] = rank4(x.shape);
  const [channels, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const shape = [
    batch,
    channels,
    outputLength(height, kernelHeight, strides[0], pads[0] + pads[2]),
    outputLength(width, kernelWidth, strides[1], pads[1] + pads[3]),
  ];
  const attributes = { strides, pads, kernel_shape: [kernelHeight, kernelWidth] };
  const inputs = bias ? [x, filter, bias] : [x, filter];
  return builder.node("Conv", inputs, { shape, dtype: x.dtype }, attributes);
}

/** `x [N, C, H, W]` with `filter [O, C, kh, kw]` and perhaps `bias [O]`. */
export const SeedbedConv2d: Lowering<ConvolutionAttributes> = (
  builder,
  { x, filter, bias },
  attributes,
) => convolve(builder, x!, filter!, bias, attributes);

/**
 * The gradient for the input. With stride 1 it is itself a convolution, of the output's gradient
 * with the filter turned by 180 degrees and its channels exchanged.
 */
export const SeedbedConv2dInputGradient: Lowering<
  ConvolutionAttributes & { inputShape: number[] }
> = (builder, { dy, filter }, { inputShape, strides, pads }) => {
  const [, , kernelHeight, kernelWidth] = rank4(filter!.shape);
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

/** A filter turned by 180 degrees. */
function turn(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [, , height, width] = rank4(filter.shape);
  if (height === 1 && width === 1) return filter;
  const lists = [
    [-1, -1],
    [-(2 ** 31), -(2 ** 31)],
    [2, 3],
    [-1, -1],
  ];
  return builder.node("Slice", [filter, ...lists.map((l) => builder.integers(l))], filter);
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
