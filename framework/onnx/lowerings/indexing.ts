/** @file Slices with steps, gathers, scatters and blocks. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4, sizeOf } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { Lowering } from "../lowering.ts";
import { flatPlaces } from "../scatter.ts";
import { sumSegments } from "../segments.ts";

/** Before the first element: what ONNX calls the end of a slice that runs backwards to it. */
const beforeFirst = -(2 ** 31);
/** Elements of a one-hot matrix up to which a scatter is worth being a product. */
const maxOneHot = 2 ** 24;

export const StridedSlice: Lowering<tf.StridedSliceAttrs> = (builder, { x }, attributes) => {
  const { begin, end, strides, ...masks } = attributes;
  const info = tf.slice_util.sliceInfo(
    [...x!.shape],
    begin,
    end,
    strides,
    masks.beginMask,
    masks.endMask,
    masks.ellipsisMask,
    masks.newAxisMask,
    masks.shrinkAxisMask,
  );
  if (info.isIdentity) return builder.reshape(x!, info.finalShape);
  const counts = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
  if (sizeOf(counts) === 0) return undefined;
  const ends = counts.map((count, i) => {
    const step = info.strides[i]!;
    const past = info.begin[i]! + (count - 1) * step + Math.sign(step);
    return past < 0 ? beforeFirst : past;
  });
  const axes = counts.map((_, axis) => axis);
  const lists = [info.begin, ends, axes, info.strides].map((list) => builder.integers(list));
  const output = { shape: counts, dtype: x!.dtype };
  return builder.reshape(builder.node("Slice", [x, ...lists], output), info.finalShape);
};

export const MirrorPad: Lowering<tf.MirrorPadAttrs> = (builder, { x }, { paddings, mode }) => {
  const edge = mode === "reflect" ? 0 : 1; // whether the edge itself is repeated
  return paddings.reduce((padded: GraphValue, [before, after], axis) => {
    if (before + after === 0) return padded;
    const length = x!.shape[axis]!;
    const sources = Array.from({ length: before + length + after }, (_, i) => {
      const at = i - before;
      if (at < 0) return -at - edge;
      return at < length ? at : 2 * (length - 1) - at + edge;
    });
    const output = { shape: padded.shape.with(axis, sources.length), dtype: x!.dtype };
    return builder.node("Gather", [padded, builder.integers(sources)], output, { axis });
  }, x!);
};

export const GatherNd: Lowering = (builder, { params, indices }) => {
  const depth = indices!.shape.at(-1) ?? 0;
  if (depth === 0 || depth > params!.shape.length || indices!.dtype !== "int32") return undefined;
  const shape = [...indices!.shape.slice(0, -1), ...params!.shape.slice(depth)];
  const wide = builder.cast(indices!, "int64");
  return builder.node("GatherND", [params, wide], { shape, dtype: params!.dtype });
};

/** Values at one place add up. */
export const ScatterNd: Lowering<{ shape: number[] }> = (
  builder,
  { indices, updates },
  { shape },
) => {
  const depth = indices!.shape.at(-1) ?? 0;
  if (updates!.dtype !== "float32" || indices!.shape.length < 2 || depth === 0) return undefined;
  const places = shape.slice(0, depth);
  const count = builder.size(indices!) / depth;
  if (count * sizeOf(places) > maxOneHot) return undefined;
  const flat = flatPlaces(builder, indices!, places);
  const rows = builder.reshape(updates!, [count, builder.size(updates!) / count]);
  return builder.reshape(sumSegments(builder, rows, flat, sizeOf(places)), shape);
};

/** The `k` largest of the last axis, the first of equals first. */
export const TopK: Lowering<{ k: number; sorted: boolean }> = (builder, { x }, { k, sorted }) => {
  if (!sorted || x!.dtype === "bool") return undefined;
  const shape = x!.shape.with(-1, k);
  const [values, indices] = builder.graph.node(
    "TopK",
    [x, builder.integers([k])],
    { axis: -1, largest: 1, sorted: 1 },
    [
      { shape, dtype: x!.dtype },
      { shape, dtype: "int64" },
    ],
  );
  return [values!, builder.cast(indices!, "int32")];
};

/** Where in its row of `sortedSequence` each value belongs: behind all smaller, or equal, elements. */
export const SearchSorted: Lowering<tf.SearchSortedAttrs> = (
  builder,
  { sortedSequence: sorted, values },
  { side },
) => {
  const [batch = 1, count = 1] = sorted!.shape;
  const wanted = values!.shape[1] ?? 1;
  if (sorted!.dtype !== values!.dtype || sorted!.dtype === "bool") return undefined;
  if (batch * count * wanted > maxOneHot) return undefined;
  const elements = builder.reshape(sorted!, [batch, 1, count]);
  const column = builder.reshape(values!, [batch, wanted, 1]);
  const op = side === "left" ? "Less" : "LessOrEqual";
  const passed = builder.cast(builder.binary(op, elements, column, "bool"), "int32");
  return builder.sum(passed, [2]);
};

/** The elements of `x` on a diagonal among zeros. */
export const Diag: Lowering = (builder, { x }) => {
  if (x!.dtype === "bool") return undefined;
  const size = builder.size(x!);
  const mask = Uint8Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const diagonal = builder.graph.constant("bool", mask, [size, size]);
  const rows = builder.reshape(x!, [size]);
  const square = builder.where(diagonal, rows, builder.scalar(0, x!.dtype));
  return builder.reshape(square, [...x!.shape, ...x!.shape]);
};

interface Blocks {
  blockShape: number[];
}

export const SpaceToBatchND: Lowering<Blocks & { paddings: [number, number][] }> = (
  builder,
  { x },
  { blockShape, paddings },
) => {
  if (x!.dtype === "bool") return undefined;
  const all = x!.shape.map((_, axis): [number, number] => paddings[axis - 1] ?? [0, 0]);
  const padded = builder.pad(
    x!,
    all.map(([before]) => before),
    all.map(([, after]) => after),
  );
  const size = sizeOf(blockShape);
  const shape = [...padded.shape];
  const cells = tf.backend_util.getReshaped(shape, blockShape, size, false);
  const order = tf.backend_util.getPermuted(cells.length, blockShape.length, false);
  const result = tf.backend_util.getReshapedPermuted(shape, blockShape, size, false);
  return builder.reshape(builder.transpose(builder.reshape(padded, cells), order), result);
};

export const BatchToSpaceND: Lowering<Blocks & { crops: number[][] }> = (
  builder,
  { x },
  { blockShape, crops },
) => {
  const size = sizeOf(blockShape);
  const shape = [...x!.shape];
  const cells = tf.backend_util.getReshaped(shape, blockShape, size);
  const order = tf.backend_util.getPermuted(cells.length, blockShape.length);
  const whole = tf.backend_util.getReshapedPermuted(shape, blockShape, size);
  const joined = builder.transpose(builder.reshape(x!, cells), order);
  const starts = whole.map((_, axis) => crops[axis - 1]?.[0] ?? 0);
  const ends = whole.map((length, axis) => length - (crops[axis - 1]?.[1] ?? 0));
  return builder.slice(builder.reshape(joined, whole), starts, ends);
};

/** Channels become blocks of pixels. */
export const DepthToSpace: Lowering<{ blockSize: number; dataFormat: string }> = (
  builder,
  { x },
  { blockSize, dataFormat },
) => {
  if (dataFormat !== "NHWC") return undefined;
  const [batch, height, width, channels] = rank4(x!.shape);
  const depth = channels / blockSize ** 2;
  const cells = builder.reshape(x!, [batch, height, width, blockSize, blockSize, depth]);
  const rows = builder.transpose(cells, [0, 1, 3, 2, 4, 5]);
  return builder.reshape(rows, [batch, height * blockSize, width * blockSize, depth]);
};
