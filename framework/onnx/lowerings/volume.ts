/** @file TF.js's convolutions and pooling in three dimensions. The export name is the kernel name. */
import * as tf from "@tensorflow/tfjs";

import { sameShape, sizeOf } from "../../base/shape.ts";
import type { Attributes, GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { averagePool, maxPool, type Pool } from "../pool.ts";
import { firstOf, spread, spreadEvenly, tapsOf, type Windows } from "../windows.ts";

type Geometry = ReturnType<typeof tf.backend_util.computeConv3DInfo>;
type Rank5 = [number, number, number, number, number];
type Lengths = [number, number, number];

function rank5(shape: readonly number[]): Rank5 {
  const [a = 1, b = 1, c = 1, d = 1, e = 1] = shape;
  return [a, b, c, d, e];
}

/** The three lengths that a geometry has of a kind, front to back, top to bottom, left to right. */
const outLengths = (info: Geometry): Lengths => [info.outDepth, info.outHeight, info.outWidth];
const inLengths = (info: Geometry): Lengths => [info.inDepth, info.inHeight, info.inWidth];
const strides = (info: Geometry): Lengths => [
  info.strideDepth,
  info.strideHeight,
  info.strideWidth,
];
const window = (info: Geometry): Lengths => [info.filterDepth, info.filterHeight, info.filterWidth];
const reach = (info: Geometry): Lengths => [
  info.effectiveFilterDepth,
  info.effectiveFilterHeight,
  info.effectiveFilterWidth,
];
const before = ({ padInfo }: Geometry): Lengths => [padInfo.front, padInfo.top, padInfo.left];
const after = ({ padInfo }: Geometry): Lengths => [padInfo.back, padInfo.bottom, padInfo.right];

/** Whether ONNX would reckon the same output lengths; it takes no negative padding. */
function isExpressible(info: Geometry): boolean {
  const floors = outLengths(info).every((length, i) => {
    const room = inLengths(info)[i]! + before(info)[i]! + after(info)[i]! - reach(info)[i]!;
    return Math.floor(room / strides(info)[i]!) + 1 === length;
  });
  return floors && [...before(info), ...after(info)].every((pad) => pad >= 0);
}

function windowOf(info: Geometry): Attributes {
  return {
    kernel_shape: window(info),
    strides: strides(info),
    pads: [...before(info), ...after(info)],
  };
}

function channelsFirst(builder: GraphBuilder, x: GraphValue): GraphValue {
  return builder.transpose(x, [0, 4, 1, 2, 3]);
}

function channelsBack(builder: GraphBuilder, x: GraphValue): GraphValue {
  return builder.transpose(x, [0, 2, 3, 4, 1]);
}

/** `[depth, height, width, C, O]` as `[O, C, depth, height, width]`. */
function filterFirst(builder: GraphBuilder, filter: GraphValue): GraphValue {
  return builder.transpose(filter, [4, 3, 0, 1, 2]);
}

function areFloats(...values: GraphValue[]): boolean {
  return values.every(({ dtype }) => dtype === "float32");
}

export const Conv3D: Lowering<tf.Conv3DAttrs> = (builder, { x, filter }, attributes) => {
  const info = tf.backend_util.computeConv3DInfo(
    rank5(x!.shape),
    rank5(filter!.shape),
    attributes.strides,
    attributes.dilations,
    attributes.pad,
  );
  if (!isExpressible(info) || !areFloats(x!, filter!)) return undefined;
  const shape = [info.batchSize, info.outChannels, ...outLengths(info)];
  const dilations = [info.dilationDepth, info.dilationHeight, info.dilationWidth];
  const y = builder.node(
    "Conv",
    [channelsFirst(builder, x!), filterFirst(builder, filter!)],
    { shape, dtype: "float32" },
    { ...windowOf(info), dilations },
  );
  return channelsBack(builder, y);
};

/** TF.js's kernel knows no dilation here, nor in the next. */
export const Conv3DBackpropInputV2: Lowering<tf.Conv3DBackpropInputV2Attrs> = (
  builder,
  { dy, filter },
  { inputShape, strides: steps, pad },
) => {
  const info = tf.backend_util.computeConv3DInfo(inputShape, rank5(filter!.shape), steps, 1, pad);
  if (!isExpressible(info) || !areFloats(dy!, filter!)) return undefined;
  if (!sameShape(info.outShape, dy!.shape)) return undefined;
  const unreached = inLengths(info).map((length, i) => {
    const reached = (outLengths(info)[i]! - 1) * strides(info)[i]! + window(info)[i]!;
    return length + before(info)[i]! + after(info)[i]! - reached;
  });
  const dx = builder.node(
    "ConvTranspose",
    [channelsFirst(builder, dy!), filterFirst(builder, filter!)],
    { shape: [info.batchSize, info.inChannels, ...inLengths(info)], dtype: "float32" },
    { ...windowOf(info), output_padding: unreached },
  );
  return channelsBack(builder, dx);
};

/** The input convolved with the gradient: batch and channels change places, strides become gaps. */
export const Conv3DBackpropFilterV2: Lowering<tf.Conv3DBackpropFilterV2Attrs> = (
  builder,
  { x, dy },
  { filterShape, strides: steps, pad },
) => {
  const info = tf.backend_util.computeConv3DInfo(rank5(x!.shape), filterShape, steps, 1, pad);
  if (!isExpressible(info) || !areFloats(x!, dy!)) return undefined;
  if (!sameShape(info.outShape, dy!.shape)) return undefined;
  const lengths = inLengths(info).map((length, i) => {
    const spread = (outLengths(info)[i]! - 1) * strides(info)[i]! + 1;
    return length + before(info)[i]! + after(info)[i]! - spread + 1;
  });
  const { inChannels, outChannels } = info;
  const product = builder.node(
    "Conv",
    [builder.transpose(x!, [4, 0, 1, 2, 3]), builder.transpose(dy!, [4, 0, 1, 2, 3])],
    { shape: [inChannels, outChannels, ...lengths], dtype: "float32" },
    {
      kernel_shape: outLengths(info),
      dilations: strides(info),
      pads: [...before(info), ...after(info)],
    },
  );
  const ends = [inChannels, outChannels, ...window(info)];
  return builder.transpose(builder.slice(product, [0, 0, 0, 0, 0], ends), [2, 3, 4, 0, 1]);
};

/** Undefined when ONNX would reckon other lengths, or a window might hold nothing but padding. */
function poolOf(
  x: GraphValue,
  { filterSize, strides: steps, pad, dimRoundingMode }: Omit<tf.MaxPool3DAttrs, "dataFormat">,
): Geometry | undefined {
  const shape = rank5(x.shape);
  const info = tf.backend_util.computePool3DInfo(shape, filterSize, steps, 1, pad, dimRoundingMode);
  const reaches = window(info).every(
    (length, i) => before(info)[i]! < length && after(info)[i]! < length,
  );
  return isExpressible(info) && reaches && areFloats(x) ? info : undefined;
}

const pool =
  (poolWith: Pool): Lowering<tf.MaxPool3DAttrs> =>
  (builder, { x }, attributes) => {
    const info = poolOf(x!, attributes);
    if (!info) return undefined;
    const shape = [info.batchSize, info.inChannels, ...outLengths(info)];
    const output = { shape, dtype: "float32" } as const;
    const pooled = poolWith(builder, channelsFirst(builder, x!), output, windowOf(info));
    return channelsBack(builder, pooled);
  };

export const MaxPool3D: Lowering<tf.MaxPool3DAttrs> = pool(maxPool);
export const AvgPool3D: Lowering<tf.MaxPool3DAttrs> = pool(averagePool);

function windowsOf(info: Geometry): Windows {
  return {
    from: inLengths(info),
    to: outLengths(info),
    size: window(info),
    strides: strides(info),
    dilations: [1, 1, 1],
    before: before(info),
    after: after(info),
  };
}

/** Gives each maximum's gradient to the last element of its window that has it. */
export const MaxPool3DGrad: Lowering<tf.MaxPool3DGradAttrs> = (
  builder,
  { dy, input, output },
  attributes,
) => {
  const info = poolOf(input!, attributes);
  if (!info || !output) return undefined;
  const windows = windowsOf(info);
  const { hits } = firstOf(builder, tapsOf(builder, input!, windows).toReversed(), output);
  const taps = hits.map(({ place, value }) => {
    return { place, value: builder.where(value, dy!, builder.scalar(0)) };
  });
  return spread(builder, taps, windows);
};

/** TF.js divides by the whole window's size, padding included. */
export const AvgPool3DGrad: Lowering<tf.AvgPool3DGradAttrs> = (
  builder,
  { dy, input },
  attributes,
) => {
  const info = poolOf(input!, attributes);
  if (!info) return undefined;
  const share = builder.mul(dy!, builder.scalar(1 / sizeOf(window(info))));
  return spreadEvenly(builder, share, windowsOf(info));
};
