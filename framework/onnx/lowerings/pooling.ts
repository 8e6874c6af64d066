/** @file TF.js's pooling, channels last. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { averagePool, maxPool, type Pool } from "../pool.ts";

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
  const { top, left, bottom, right } = info.padInfo;
  const padded = builder.pad(
    input!,
    [0, top, left, 0],
    [0, bottom, right, 0],
    Number.NEGATIVE_INFINITY,
  );
  let open = builder.fill(output!.shape, 1, "bool");
  const taps = eachTap(info).map(([row, column]) => {
    const seen = slice(builder, padded, info, row, column);
    const hit = builder.binary("And", open, builder.binary("Equal", seen, output!, "bool"));
    open = builder.binary("And", open, builder.unary("Not", hit));
    return builder.where(hit, dy!, builder.scalar(0));
  });
  return spread(builder, taps, info);
};

/** TF.js divides by the whole window's size, padding included. */
export const AvgPoolGrad: Lowering<Attributes> = (builder, { dy, input }, attributes) => {
  const info = geometryOf(input!, attributes);
  if (!info) return undefined;
  const share = builder.mul(dy!, builder.scalar(1 / (info.filterHeight * info.filterWidth)));
  return spread(
    builder,
    eachTap(info).map(() => share),
    info,
  );
};

/** Row and column of each place in the window, row by row. */
function eachTap({ filterHeight, filterWidth }: Geometry): [number, number][] {
  return Array.from({ length: filterHeight * filterWidth }, (_, i) => [
    Math.floor(i / filterWidth),
    i % filterWidth,
  ]);
}

/** What each window has at one place: `[N, H', W', C]`. */
function slice(
  builder: GraphBuilder,
  padded: GraphValue,
  info: Geometry,
  row: number,
  column: number,
): GraphValue {
  const ends = [
    info.batchSize,
    row + (info.outHeight - 1) * info.strideHeight + 1,
    column + (info.outWidth - 1) * info.strideWidth + 1,
    info.inChannels,
  ];
  const steps = [1, info.strideHeight, info.strideWidth, 1];
  return builder.slice(padded, [0, row, column, 0], ends, steps);
}

/** Undoes `slice`: adds up where each place's values came from, without the padding. */
function spread(builder: GraphBuilder, taps: readonly GraphValue[], info: Geometry): GraphValue {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const { strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const height = Math.max(inHeight + padInfo.top, outHeight * strideHeight + filterHeight);
  const width = Math.max(inWidth + padInfo.left, outWidth * strideWidth + filterWidth);
  const placed = taps.map((tap, i) => {
    const [row, column] = [Math.floor(i / filterWidth), i % filterWidth];
    const cells = builder.reshape(tap, [batchSize, outHeight, 1, outWidth, 1, inChannels]);
    const apart = builder.pad(
      cells,
      [0, 0, 0, 0, 0, 0],
      [0, 0, strideHeight - 1, 0, strideWidth - 1, 0],
    );
    const [rows, columns] = [outHeight * strideHeight, outWidth * strideWidth];
    const flat = builder.reshape(apart, [batchSize, rows, columns, inChannels]);
    const after = [0, height - rows - row, width - columns - column, 0];
    return builder.pad(flat, [0, row, column, 0], after);
  });
  const total = placed.reduce((sum, each) => builder.add(sum, each));
  const ends = [batchSize, padInfo.top + inHeight, padInfo.left + inWidth, inChannels];
  return builder.slice(total, [0, padInfo.top, padInfo.left, 0], ends);
}
