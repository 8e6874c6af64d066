/** @file TF.js's pooling, channels last. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { Attributes as NodeAttributes, GraphValue, OutputInfo } from "../../graph/graph.ts";
import type { Lowering } from "../lowering.ts";
import { averagePool, maxPool, maxPoolWithPlaces, type Pool } from "../pool.ts";
import { firstOf, spread, spreadEvenly, tapsOf, type Windows } from "../windows.ts";

type Geometry = tf.backend_util.Conv2DInfo;
type Attributes = Pick<tf.MaxPoolAttrs, "filterSize" | "strides" | "pad" | "dimRoundingMode">;

/** Lengths and padding as TF.js reckons them; undefined when ONNX would take them otherwise. */
function geometryOf(x: GraphValue, attributes: Attributes): Geometry | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const [batch, height, width, channels] = rank4(x.shape);
  const info = tf.backend_util.computePool2DInfo(
    [batch, height, width, channels],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  const floors =
    Math.floor((height + top + bottom - info.filterHeight) / info.strideHeight) + 1 ===
      info.outHeight &&
    Math.floor((width + left + right - info.filterWidth) / info.strideWidth) + 1 === info.outWidth;
  const reaches =
    Math.max(top, bottom) < info.filterHeight && Math.max(left, right) < info.filterWidth;
  return floors && reaches && x.dtype === "float32" ? info : undefined;
}

/** What ONNX's pooling operators want to know. */
function poolOf(info: Geometry): { output: OutputInfo; attributes: NodeAttributes } {
  const { top, left, bottom, right } = info.padInfo;
  const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
  return {
    output: { shape, dtype: "float32" },
    attributes: {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
    },
  };
}

const pool =
  (poolWith: Pool): Lowering<Attributes> =>
  (builder, { x }, attributes) => {
    const info = geometryOf(x!, attributes);
    if (!info) return undefined;
    const { output, attributes: windows } = poolOf(info);
    const pooled = poolWith(builder, builder.transpose(x!, [0, 3, 1, 2]), output, windows);
    return builder.transpose(pooled, [0, 2, 3, 1]);
  };

export const MaxPool: Lowering<Attributes> = pool(maxPool);
export const AvgPool: Lowering<Attributes> = pool(averagePool);

/** ONNX counts places channels first and through all images, TF.js channels last. */
export const MaxPoolWithArgmax: Lowering<tf.MaxPoolWithArgmaxAttrs> = (
  builder,
  { x },
  { filterSize, strides, pad, includeBatchInIndex },
) => {
  const info = geometryOf(x!, { filterSize, strides, pad });
  if (!info) return undefined;
  const { batchSize, inChannels, inHeight, inWidth } = info;
  const { output, attributes } = poolOf(info);
  const { values, places } = maxPoolWithPlaces(
    builder,
    builder.transpose(x!, [0, 3, 1, 2]),
    output,
    attributes,
  );
  const size = inHeight * inWidth;
  const offsets = BigInt64Array.from({ length: batchSize * inChannels }, (_, plane) => {
    const channel = plane % inChannels;
    const image = includeBatchInIndex ? Math.floor(plane / inChannels) * size : 0;
    return BigInt((image - plane * size) * inChannels + channel);
  });
  const shape = [batchSize, inChannels, 1, 1];
  const scaled = builder.mul(places, builder.scalar(inChannels, "int64"));
  const moved = builder.add(scaled, builder.graph.constant("int64", offsets, shape));
  const none = builder.scalar(-1, "int64");
  const isNone = builder.binary("Equal", places, none, "bool");
  const argmax = builder.cast(builder.where(isNone, none, moved), "int32");
  return [values, argmax].map((each) => builder.transpose(each, [0, 2, 3, 1]));
};

/** Gives each maximum's gradient to the first element of its window that has it. */
export const MaxPoolGrad: Lowering<Attributes> = (builder, { dy, input, output }, attributes) => {
  const info = geometryOf(input!, attributes);
  if (!info) return undefined;
  const windows = windowsOf(info);
  const { hits } = firstOf(builder, tapsOf(builder, input!, windows), output!);
  const taps = hits.map(({ place, value }) => {
    return { place, value: builder.where(value, dy!, builder.scalar(0)) };
  });
  return spread(builder, taps, windows);
};

/** TF.js divides by the whole window's size, padding included. */
export const AvgPoolGrad: Lowering<Attributes> = (builder, { dy, input }, attributes) => {
  const info = geometryOf(input!, attributes);
  if (!info) return undefined;
  const share = builder.mul(dy!, builder.scalar(1 / (info.filterHeight * info.filterWidth)));
  return spreadEvenly(builder, share, windowsOf(info));
};

function windowsOf(info: Geometry): Windows {
  const { top, bottom, left, right } = info.padInfo;
  return {
    from: [info.inHeight, info.inWidth],
    to: [info.outHeight, info.outWidth],
    size: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [1, 1],
    before: [top, left],
    after: [bottom, right],
  };
}
