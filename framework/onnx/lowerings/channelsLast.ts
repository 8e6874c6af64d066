/** @file TF.js's own convolutions and batch norm. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4, sameShape, type Rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import { applyActivation, type FusedActivation } from "../fusedActivation.ts";
import type { GraphBuilder, KernelInputs, Lowering } from "../lowering.ts";
import { SeedbedConv2dFilterGradient, SeedbedConv2dInputGradient } from "./convolution.ts";

type Geometry = tf.backend_util.Conv2DInfo;
type Format = "NHWC" | "NCHW";
type Attributes = Pick<tf.Conv2DAttrs, "strides" | "pad"> &
  Partial<Pick<tf.Conv2DAttrs, "dimRoundingMode">> & {
    dilations?: number | [number, number] | null;
    dataFormat?: string;
  };

function tuple(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = rank4(shape);
  return [a, b, c, d];
}

/** Lengths and padding as TF.js reckons them; undefined when ONNX would round them otherwise. */
function geometryOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode, dataFormat }: Attributes,
  depthwise = false,
): Geometry | undefined {
  const info = tf.backend_util.computeConv2DInfo(
    tuple(inputShape),
    tuple(filterShape),
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    dataFormat === "NCHW" ? "channelsFirst" : "channelsLast",
  );
  const { padInfo } = info;
  const height = info.inHeight + padInfo.top + padInfo.bottom - info.effectiveFilterHeight;
  const width = info.inWidth + padInfo.left + padInfo.right - info.effectiveFilterWidth;
  const floors =
    Math.floor(height / info.strideHeight) + 1 === info.outHeight &&
    Math.floor(width / info.strideWidth) + 1 === info.outWidth;
  return floors ? info : undefined;
}

/** TF.js also takes gradients of another size, of which it uses a part. */
function isOutputOf({ outShape }: Geometry, dy: GraphValue): boolean {
  return sameShape(outShape, dy.shape);
}

function formatOf(dataFormat: string | undefined): Format {
  return dataFormat === "NCHW" ? "NCHW" : "NHWC";
}

function channelsFirst(builder: GraphBuilder, x: GraphValue, format: Format): GraphValue {
  return format === "NCHW" ? x : builder.transpose(x, [0, 3, 1, 2]);
}

function channelsBack(builder: GraphBuilder, x: GraphValue, format: Format): GraphValue {
  return format === "NCHW" ? x : builder.transpose(x, [0, 2, 3, 1]);
}

function padsOf({ padInfo }: Geometry): Rank4 {
  return [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right];
}

function windowOf(info: Geometry): Record<string, readonly number[]> {
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: padsOf(info),
    kernel_shape: [info.filterHeight, info.filterWidth],
  };
}

function areFloats(...values: (GraphValue | undefined)[]): boolean {
  return values.every((value) => !value || value.dtype === "float32");
}

/** `x [N, C, H, W]` and `filter [O, C / groups, kh, kw]`. */
function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  info: Geometry,
  group: number,
): GraphValue {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const attributes = { ...windowOf(info), group };
  return builder.node("Conv", [x, filter], { shape, dtype: "float32" }, attributes);
}

function convolution(
  builder: GraphBuilder,
  { x, filter }: KernelInputs,
  attributes: Attributes,
): GraphValue | undefined {
  const info = geometryOf(x!.shape, filter!.shape, attributes);
  if (!info || !areFloats(x, filter)) return undefined;
  const format = formatOf(attributes.dataFormat);
  const images = channelsFirst(builder, x!, format);
  const weights = builder.transpose(filter!, [3, 2, 0, 1]);
  return channelsBack(builder, convolve(builder, images, weights, info, 1), format);
}

/** `[kh, kw, C, M]` as `[C * M, 1, kh, kw]`. */
function depthwiseFilter(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [height, width, channels, multiplier] = rank4(filter.shape);
  const first = builder.transpose(filter, [2, 3, 0, 1]);
  return builder.reshape(first, [channels * multiplier, 1, height, width]);
}

function depthwise(
  builder: GraphBuilder,
  { x, filter }: KernelInputs,
  attributes: Attributes,
): GraphValue | undefined {
  const info = geometryOf(x!.shape, filter!.shape, attributes, true);
  if (!info || !areFloats(x, filter) || attributes.dataFormat === "NCHW") return undefined;
  const images = channelsFirst(builder, x!, "NHWC");
  const weights = depthwiseFilter(builder, filter!);
  return channelsBack(builder, convolve(builder, images, weights, info, info.inChannels), "NHWC");
}

/** Adds the bias and applies the activation of a fused kernel. */
function finish(
  builder: GraphBuilder,
  y: GraphValue | undefined,
  { bias, preluActivationWeights: alpha }: KernelInputs,
  attributes: FusedActivation & Attributes,
): GraphValue | undefined {
  if (!y || !areFloats(bias, alpha)) return undefined;
  const aligned = (value: GraphValue): GraphValue =>
    formatOf(attributes.dataFormat) === "NCHW" && value.shape.length === 1
      ? builder.reshape(value, [value.shape[0]!, 1, 1])
      : value;
  const biased = bias ? builder.add(y, aligned(bias)) : y;
  return applyActivation(builder, biased, attributes, alpha && aligned(alpha));
}

export const Conv2D: Lowering<Attributes> = convolution;
export const DepthwiseConv2dNative: Lowering<Attributes> = depthwise;

export const FusedConv2D: Lowering<Attributes & FusedActivation> = (builder, inputs, attributes) =>
  finish(builder, convolution(builder, inputs, attributes), inputs, attributes);

export const FusedDepthwiseConv2D: Lowering<Attributes & FusedActivation> = (
  builder,
  inputs,
  attributes,
) => finish(builder, depthwise(builder, inputs, attributes), inputs, attributes);

export const Conv2DBackpropInput: Lowering<Attributes & { inputShape: number[] }> = (
  builder,
  { dy, filter },
  attributes,
) => {
  const info = geometryOf(attributes.inputShape, filter!.shape, attributes);
  if (!info || !isOutputOf(info, dy!) || !areFloats(dy, filter)) return undefined;
  const format = formatOf(attributes.dataFormat);
  const gradient = channelsFirst(builder, dy!, format);
  const weights = builder.transpose(filter!, [3, 2, 0, 1]);
  const dx = SeedbedConv2dInputGradient(
    builder,
    { dy: gradient, filter: weights },
    {
      inputShape: [info.batchSize, info.inChannels, info.inHeight, info.inWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: padsOf(info),
    },
  );
  return dx && "id" in dx ? channelsBack(builder, dx, format) : undefined;
};

export const Conv2DBackpropFilter: Lowering<Attributes & { filterShape: number[] }> = (
  builder,
  { x, dy },
  attributes,
) => {
  const info = geometryOf(x!.shape, attributes.filterShape, attributes);
  if (!info || !isOutputOf(info, dy!) || !areFloats(x, dy)) return undefined;
  const format = formatOf(attributes.dataFormat);
  const gradient = SeedbedConv2dFilterGradient(
    builder,
    { x: channelsFirst(builder, x!, format), dy: channelsFirst(builder, dy!, format) },
    {
      filterShape: [info.outChannels, info.inChannels, info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: padsOf(info),
    },
  );
  return gradient && "id" in gradient ? builder.transpose(gradient, [2, 3, 1, 0]) : undefined;
};

/** TF.js's kernel knows no dilation here. */
export const DepthwiseConv2dNativeBackpropInput: Lowering<Attributes & { inputShape: number[] }> = (
  builder,
  { dy, filter },
  attributes,
) => {
  const info = geometryOf(attributes.inputShape, filter!.shape, attributes, true);
  if (!info || !isOutputOf(info, dy!) || !areFloats(dy, filter) || isDilated(info))
    return undefined;
  const { padInfo, inHeight, inWidth } = info;
  const reach = (length: number, stride: number, kernel: number): number =>
    (length - 1) * stride + kernel;
  const dx = builder.node(
    "ConvTranspose",
    [channelsFirst(builder, dy!, "NHWC"), depthwiseFilter(builder, filter!)],
    { shape: [info.batchSize, info.inChannels, inHeight, inWidth], dtype: "float32" },
    {
      ...windowOf(info),
      group: info.inChannels,
      output_padding: [
        inHeight +
          padInfo.top +
          padInfo.bottom -
          reach(info.outHeight, info.strideHeight, info.filterHeight),
        inWidth +
          padInfo.left +
          padInfo.right -
          reach(info.outWidth, info.strideWidth, info.filterWidth),
      ],
    },
  );
  return channelsBack(builder, dx, "NHWC");
};

/** For each tap of the filter, the sum over images and positions of input times gradient. */
export const DepthwiseConv2dNativeBackpropFilter: Lowering<
  Attributes & { filterShape: number[] }
> = (builder, { x, dy }, attributes) => {
  const info = geometryOf(x!.shape, attributes.filterShape, attributes, true);
  if (!info || !isOutputOf(info, dy!) || !areFloats(x, dy) || isDilated(info)) return undefined;
  const { batchSize, outHeight, outWidth, inChannels, padInfo } = info;
  const multiplier = info.outChannels / inChannels;
  const positions = [batchSize, outHeight, outWidth];
  const gradient = builder.reshape(dy!, [...positions, inChannels, multiplier]);
  const padded = builder.pad(
    x!,
    [0, padInfo.top, padInfo.left, 0],
    [0, padInfo.bottom, padInfo.right, 0],
  );
  const taps = eachTap(info).map(([row, column]) => {
    const ends = [
      batchSize,
      row + (outHeight - 1) * info.strideHeight + 1,
      column + (outWidth - 1) * info.strideWidth + 1,
      inChannels,
    ];
    const steps = [1, info.strideHeight, info.strideWidth, 1];
    const seen = builder.slice(padded, [0, row, column, 0], ends, steps);
    const product = builder.mul(builder.reshape(seen, [...positions, inChannels, 1]), gradient);
    return builder.reshape(builder.sum(product, [0, 1, 2]), [1, inChannels, multiplier]);
  });
  return builder.reshape(builder.concat(taps, 0), attributes.filterShape);
};

function isDilated({ dilationHeight, dilationWidth }: Geometry): boolean {
  return dilationHeight !== 1 || dilationWidth !== 1;
}

/** Row and column of each tap of the filter, row by row. */
function eachTap({ filterHeight, filterWidth }: Geometry): [number, number][] {
  return Array.from({ length: filterHeight * filterWidth }, (_, i) => [
    Math.floor(i / filterWidth),
    i % filterWidth,
  ]);
}

/** (x - mean) scale / sqrt(variance + epsilon) + offset, with statistics per channel or element. */
export const FusedBatchNorm: Lowering<{ varianceEpsilon?: number }> = (
  builder,
  { x, mean, variance, offset, scale },
  { varianceEpsilon = 0.001 },
) => {
  const statistics = [mean, variance, offset, scale].filter((value) => value !== undefined);
  const fits = statistics.every(({ shape }) => sameShape(shape, x!.shape.slice(-shape.length)));
  if (!fits || !areFloats(x, ...statistics)) return undefined;
  const deviation = builder.unary("Sqrt", builder.add(variance!, builder.scalar(varianceEpsilon)));
  const centered = builder.sub(x!, mean!);
  const scaled = scale ? builder.mul(centered, scale) : centered;
  const normal = builder.div(scaled, deviation);
  return offset ? builder.add(normal, offset) : normal;
};
