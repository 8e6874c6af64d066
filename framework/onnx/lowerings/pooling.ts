/** @file TF.js's pooling, channels last. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { Lowering } from "../lowering.ts";
import { averagePool, maxPool, type Pool } from "../pool.ts";
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

const pool =
  (poolWith: Pool): Lowering<Attributes> =>
  (builder, { x }, attributes) => {
    const info = geometryOf(x!, attributes);
    if (!info) return undefined;
    const { top, left, bottom, right } = info.padInfo;
    const pooled = poolWith(
      builder,
      builder.transpose(x!, [0, 3, 1, 2]),
      { shape: [info.batchSize, info.inChannels, info.outHeight, info.outWidth], dtype: x!.dtype },
      {
        kernel_shape: [info.filterHeight, info.filterWidth],
        strides: [info.strideHeight, info.strideWidth],
        pads: [top, left, bottom, right],
      },
    );
    return builder.transpose(pooled, [0, 2, 3, 1]);
  };

export const MaxPool: Lowering<Attributes> = pool(maxPool);
export const AvgPool: Lowering<Attributes> = pool(averagePool);

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
